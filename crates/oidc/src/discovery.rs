//! How a provider describes itself (OpenID Connect Discovery 1.0).

use crate::address::Reach;
use crate::fault::Fault;
use crate::issuer::Issuer;
use crate::keys::ALGORITHMS;
use serde::Deserialize;
use url::Url;

/// A provider's description, checked.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Where browsers are sent to.
    pub(crate) authorization: Url,
    /// Where a code is exchanged.
    pub(crate) token: String,
    /// Where its keys are.
    pub(crate) keys: String,
    /// Where more can be asked about who signed in.
    pub(crate) userinfo: Option<String>,
    /// How the client says who it is.
    pub(crate) shows: Shows,
    /// Whether its answers always name it (RFC 9207).
    pub(crate) names_itself: bool,
    /// With what it signs, of what is taken here.
    pub algorithms: Vec<String>,
}

/// How a client shows its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// In the header.
    Header,
    /// In the form.
    Form,
}

/// The description as it comes.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    userinfo_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl Description {
    /// Checks all of it.
    pub(crate) fn check(self, issuer: &Issuer, reach: Reach) -> Result<Metadata, Fault> {
        if self.issuer != issuer.as_str() {
            return Err(Fault::Issuer);
        }
        let algorithms = self.algorithms();
        if algorithms.is_empty() {
            return Err(Fault::NoAlgorithm);
        }
        let lists = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref()
                .is_none_or(|list| list.iter().any(|one| one == word))
        };
        if !lists(&self.response_types_supported, "code") {
            return Err(Fault::NoCode);
        }
        // Many providers take PKCE and do not say so; one that lists methods and leaves this one out does not.
        if !lists(&self.code_challenge_methods_supported, "S256") {
            return Err(Fault::NoPkce);
        }
        let shows = match lists(&self.token_endpoint_auth_methods_supported, "client_secret_basic") {
            true => Shows::Header,
            false => Shows::Form,
        };
        let authorization = endpoint(self.authorization_endpoint, "authorization endpoint", reach)?;
        let token = endpoint(self.token_endpoint, "token endpoint", reach)?;
        let keys = endpoint(self.jwks_uri, "set of keys", reach)?;
        let userinfo = match self.userinfo_endpoint {
            Some(address) => Some(endpoint(Some(address), "userinfo endpoint", reach)?.into()),
            None => None,
        };
        Ok(Metadata {
            authorization,
            token: token.into(),
            keys: keys.into(),
            userinfo,
            shows,
            names_itself: self
                .authorization_response_iss_parameter_supported
                .unwrap_or(false),
            algorithms,
        })
    }

    fn algorithms(&self) -> Vec<String> {
        let all = self.id_token_signing_alg_values_supported.clone();
        // RS256 is what every provider must offer.
        let all = all.unwrap_or_else(|| vec!["RS256".to_owned()]);
        let taken = |word: &String| ALGORITHMS.iter().any(|(name, _)| name == word);
        all.into_iter().filter(taken).collect()
    }
}

fn endpoint(address: Option<String>, what: &'static str, reach: Reach) -> Result<Url, Fault> {
    let address = address.ok_or(Fault::Missing(what))?;
    let url = Url::parse(&address).map_err(|_| Fault::Address(what))?;
    reach.check(&url, what)?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(change: impl FnOnce(&mut Value)) -> Result<Metadata, Fault> {
        let mut document = json!({
            "issuer": "https://login.example.com",
            "authorization_endpoint": "https://login.example.com/auth",
            "token_endpoint": "https://login.example.com/token",
            "jwks_uri": "https://login.example.com/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        });
        change(&mut document);
        let issuer = Issuer::check("https://login.example.com", Reach::Public).map_err(|_| Fault::Issuer)?;
        let description: Description = serde_json::from_value(document).map_err(|_| Fault::NotJson)?;
        description.check(&issuer, Reach::Public)
    }

    #[test]
    fn a_sound_description_passes_and_unsafe_algorithms_are_not_among_what_is_taken() {
        assert_eq!(
            checked(|_| {}).map(|known| known.algorithms),
            Ok(vec!["RS256".to_owned()])
        );
    }

    #[test]
    fn what_is_wrong_is_said_by_name() {
        let set = |key: &'static str, value: Value| move |document: &mut Value| document[key] = value;
        for (change, wanted) in [
            (set("issuer", json!("https://login.example.com/")), Fault::Issuer),
            (set("issuer", json!(7)), Fault::NotJson),
            (
                set("token_endpoint", Value::Null),
                Fault::Missing("token endpoint"),
            ),
            (
                set("token_endpoint", json!("http://login.example.com/token")),
                Fault::Address("token endpoint"),
            ),
            (
                set("jwks_uri", json!("https://169.254.169.254/keys")),
                Fault::Private,
            ),
            (
                set("userinfo_endpoint", json!("https://[::1]/me")),
                Fault::Private,
            ),
            (
                set("authorization_endpoint", json!("javascript:alert(1)")),
                Fault::Address("authorization endpoint"),
            ),
            (
                set("response_types_supported", json!(["id_token"])),
                Fault::NoCode,
            ),
            (
                set("code_challenge_methods_supported", json!(["plain"])),
                Fault::NoPkce,
            ),
            (
                set("id_token_signing_alg_values_supported", json!(["HS256", "none"])),
                Fault::NoAlgorithm,
            ),
        ] {
            assert_eq!(checked(change).map(drop), Err(wanted));
        }
    }
}
