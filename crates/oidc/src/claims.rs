//! What a provider says of somebody.

use serde::Deserialize;
use serde_json::{Number, Value};

/// Longest subject that the standard allows, in bytes.
const LONGEST_SUBJECT: usize = 255;
/// Longest word of a method that is kept, and how many.
const LONGEST_WORD: usize = 16;
const MOST_WORDS: usize = 4;

/// Somebody as the provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who, for ever; with the issuer it is the only name that counts.
    pub subject: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the provider vouches for the address.
    pub email_verified: bool,
    /// Name for people.
    pub name: Option<String>,
    /// How they proved who they are, in the provider's words.
    pub methods: Vec<String>,
    /// How strongly, in the provider's words.
    pub strength: Option<String>,
    /// The provider's session.
    pub session: Option<String>,
}

/// Claims as they come. What is not asked about is not read.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: Option<String>,
    pub(crate) aud: Audience,
    pub(crate) azp: Option<String>,
    pub(crate) exp: Option<Number>,
    pub(crate) iat: Option<Number>,
    pub(crate) nbf: Option<Number>,
    pub(crate) nonce: Option<String>,
    pub(crate) jti: Option<String>,
    pub(crate) sid: Option<String>,
    pub(crate) events: Option<Value>,
    amr: Option<Value>,
    acr: Option<String>,
    #[serde(flatten)]
    pub(crate) profile: Profile,
}

/// Whom a token is for: one or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The part of the claims that may come in a token or from the userinfo endpoint.
#[derive(Debug, Deserialize)]
pub(crate) struct Profile {
    email: Option<String>,
    email_verified: Option<Value>,
    name: Option<String>,
}

impl Audience {
    /// Whether the token is for this client, and for no other that it does not name as the asking party.
    pub(crate) fn is_for(&self, client: &str, party: Option<&str>) -> bool {
        let named = match self {
            Self::One(one) => one == client,
            Self::Several(list) => {
                list.iter().any(|one| one == client) && (list.len() == 1 || party == Some(client))
            }
        };
        named && party.is_none_or(|party| party == client)
    }
}

/// Seconds since 1970; some providers write fractions.
pub(crate) fn seconds(number: Option<&Number>) -> Option<i64> {
    let number = number?;
    number.as_i64().or_else(|| {
        let whole = number.as_f64()?.trunc();
        // Beyond any time that there will be tokens at, a fraction is no time.
        (whole.abs() < 1e15).then(|| format!("{whole:.0}").parse().ok())?
    })
}

impl Profile {
    /// Puts in what is missing.
    pub(crate) fn add_to(self, identity: &mut Identity) {
        if identity.email.is_none() && self.email.is_some() {
            identity.email_verified = self.is_verified();
            identity.email = self.email;
        }
        identity.name = identity.name.take().or(self.name);
    }

    /// True, or the word for it, which one large provider writes.
    fn is_verified(&self) -> bool {
        match &self.email_verified {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(word)) => word == "true",
            _ => false,
        }
    }
}

/// A subject that the standard allows.
pub(crate) fn subject(text: Option<String>) -> Option<String> {
    text.filter(|text| (1..=LONGEST_SUBJECT).contains(&text.len()) && !text.chars().any(char::is_control))
}

impl Claims {
    /// Who it is, once the token has been checked; nothing without a subject.
    pub(crate) fn identity(self) -> Option<Identity> {
        let words = match self.amr {
            Some(Value::Array(words)) => words,
            _ => Vec::new(),
        };
        let readable = |word: &str| {
            (1..=LONGEST_WORD).contains(&word.len())
                && word
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        let methods = words
            .iter()
            .filter_map(Value::as_str)
            .filter(|word| readable(word));
        let methods = methods.take(MOST_WORDS).map(ToOwned::to_owned).collect();
        let mut identity = Identity {
            subject: subject(self.sub)?,
            email: None,
            email_verified: false,
            name: None,
            methods,
            strength: self
                .acr
                .filter(|acr| acr.len() <= 100 && !acr.chars().any(char::is_control)),
            session: subject(self.sid),
        };
        self.profile.add_to(&mut identity);
        Some(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn several_audiences_need_the_asking_party() {
        let several = |list: &[&str]| Audience::Several(list.iter().map(ToString::to_string).collect());
        assert!(Audience::One("us".into()).is_for("us", None));
        assert!(Audience::One("us".into()).is_for("us", Some("us")));
        assert!(!Audience::One("us".into()).is_for("us", Some("them")));
        assert!(!Audience::One("them".into()).is_for("us", None));
        assert!(several(&["us"]).is_for("us", None));
        assert!(!several(&["us", "them"]).is_for("us", None));
        assert!(several(&["us", "them"]).is_for("us", Some("us")));
        assert!(!several(&["us", "them"]).is_for("us", Some("them")));
        assert!(!several(&[]).is_for("us", None));
    }

    #[test]
    fn only_true_vouches_for_an_address() {
        for (value, wanted) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("yes"), false),
            (json!(1), false),
            (json!(null), false),
        ] {
            let profile: Profile =
                serde_json::from_value(json!({ "email": "a@b.co", "email_verified": value })).expect("json");
            assert_eq!(profile.is_verified(), wanted, "{value}");
        }
    }
}
