//! Providers as they are met: what they say is remembered for a while, and asked anew when it must be.

use crate::address::Reach;
use crate::claims::{Identity, Profile, subject};
use crate::discovery::{Description, Metadata, Shows};
use crate::fault::{Fault, TokenFault};
use crate::fetch::{Fetch, success};
use crate::issuer::Issuer;
use crate::keys::{Keys, Published};
use crate::logout::{Logout, check_logout_token};
use crate::token::{Expected, check_id_token};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Secret;
use reqwest::Method;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// How long a description and keys are believed, in seconds.
const REMEMBERED: i64 = 3600;
/// How soon a provider is asked again for keys that it did not have, or after it failed, in seconds.
const AGAIN: i64 = 30;
/// Longest code that is sent on, in bytes.
const LONGEST_CODE: usize = 4096;

/// A provider, and who we are to it.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name and address.
    pub issuer: Issuer,
    /// What it calls us.
    pub client: String,
    /// How it knows that it is us; nothing for a public client.
    pub secret: Option<Secret<String>>,
    /// Where it sends browsers back to.
    pub redirect: String,
}

/// What a code was exchanged for.
#[derive(Debug)]
pub struct Exchanged {
    id_token: Secret<String>,
    access_token: Option<Secret<String>>,
}

/// What was found when a provider was looked at anew.
#[derive(Clone, Debug)]
pub struct Seen {
    /// With what it signs, of what is taken here.
    pub algorithms: Vec<String>,
    /// How many of its keys can be used.
    pub keys: usize,
}

/// What is remembered of a provider.
#[derive(Debug, Default)]
struct Memory {
    metadata: Option<(i64, Arc<Metadata>)>,
    keys: Option<(i64, Arc<Keys>)>,
    /// When it last failed, and how.
    failed: Option<(i64, Fault)>,
}

/// All providers. Cheap to clone; what is remembered is shared.
#[derive(Clone, Debug)]
pub struct Providers {
    fetch: Fetch,
    known: Arc<Mutex<HashMap<Issuer, Arc<tokio::sync::Mutex<Memory>>>>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Option<String>,
}

#[derive(Deserialize)]
struct Userinfo {
    sub: Option<String>,
    #[serde(flatten)]
    profile: Profile,
}

/// The S256 challenge of a verifier (RFC 7636).
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

impl Providers {
    /// Providers within this reach. Nothing is asked until somebody signs in.
    pub fn new(reach: Reach) -> Self {
        Self {
            fetch: Fetch::new(reach),
            known: Arc::default(),
        }
    }

    /// How far they may be.
    pub const fn reach(&self) -> Reach {
        self.fetch.reach()
    }

    fn memory(&self, issuer: &Issuer) -> Arc<tokio::sync::Mutex<Memory>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(issuer.clone()).or_default().clone()
    }

    /// Forgets what is remembered of a provider.
    pub fn forget(&self, issuer: &Issuer) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(issuer);
    }

    /// Looks at a provider anew: its description and its keys.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn look(&self, issuer: &Issuer) -> Result<Seen, Fault> {
        let metadata = self.description(issuer).await?;
        let keys = self.published(&metadata).await?;
        Ok(Seen {
            keys: keys.count(),
            algorithms: metadata.algorithms,
        })
    }

    /// Where a browser is sent to sign in.
    ///
    /// # Errors
    /// What is wrong with the provider.
    pub async fn authorization(
        &self,
        provider: &Provider,
        sign_in: [(&str, &str); 3],
        now: i64,
    ) -> Result<Url, Fault> {
        let metadata = self.metadata(&provider.issuer, now).await?;
        let mut url = metadata.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client)
            .append_pair("redirect_uri", &provider.redirect)
            .append_pair("scope", "openid email profile")
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(sign_in);
        Ok(url)
    }

    /// Whether an answer that names this issuer, or none, can be the provider's (RFC 9207).
    ///
    /// # Errors
    /// What is wrong with the provider.
    pub async fn answers(&self, issuer: &Issuer, named: Option<&str>, now: i64) -> Result<bool, Fault> {
        match named {
            Some(named) => Ok(named == issuer.as_str()),
            None => Ok(!self.metadata(issuer, now).await?.names_itself),
        }
    }

    /// Exchanges a code for tokens.
    ///
    /// # Errors
    /// [`Fault::Code`], [`Fault::Client`] and whatever else is wrong.
    pub async fn exchange(
        &self,
        provider: &Provider,
        code: &str,
        verifier: &str,
        now: i64,
    ) -> Result<Exchanged, Fault> {
        if code.len() > LONGEST_CODE {
            return Err(Fault::Code);
        }
        let metadata = self.metadata(&provider.issuer, now).await?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", provider.redirect.as_str()),
            ("code_verifier", verifier),
        ];
        let mut request = self
            .fetch
            .request(Method::POST, &metadata.token, "token endpoint")?;
        match (&provider.secret, metadata.shows) {
            (Some(secret), Shows::Header) => {
                request = request.basic_auth(encoded(&provider.client), Some(encoded(secret.expose())));
            }
            (Some(secret), Shows::Form) => {
                form.push(("client_id", &provider.client));
                form.push(("client_secret", secret.expose()));
            }
            (None, _) => form.push(("client_id", &provider.client)),
        }
        let (status, body) = self.fetch.send(request.form(&form)).await?;
        if status != 200 {
            let refusal: Refusal = serde_json::from_slice(&body).map_err(|_| Fault::Status(status))?;
            return Err(match refusal.error.as_deref() {
                Some("invalid_grant") => Fault::Code,
                Some("invalid_client" | "unauthorized_client") => Fault::Client,
                Some(_) => Fault::Exchange,
                None => Fault::Status(status),
            });
        }
        let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| Fault::NotJson)?;
        let id_token = answer.id_token.ok_or(Fault::Missing("ID token"))?;
        Ok(Exchanged {
            id_token: Secret::new(id_token),
            access_token: answer.access_token.map(Secret::new),
        })
    }

    /// Who signed in. What the token does not say of their address, the provider is asked about.
    ///
    /// # Errors
    /// What is wrong with the token or the provider.
    pub async fn identity(
        &self,
        provider: &Provider,
        tokens: &Exchanged,
        nonce: &str,
        now: i64,
    ) -> Result<Identity, Fault> {
        let token = tokens.id_token.expose();
        let check = |keys: &Keys, expected: Expected<'_>| check_id_token(token, keys, expected, nonce);
        let mut identity = self.with_keys(provider, now, check).await?;
        let metadata = self.metadata(&provider.issuer, now).await?;
        if let (None, Some(address), Some(access)) =
            (&identity.email, &metadata.userinfo, &tokens.access_token)
        {
            let request = self.fetch.request(Method::GET, address, "userinfo endpoint")?;
            let (status, body) = self.fetch.send(request.bearer_auth(access.expose())).await?;
            success(status)?;
            let answer: Userinfo = serde_json::from_slice(&body).map_err(|_| Fault::NotJson)?;
            if subject(answer.sub).as_ref() != Some(&identity.subject) {
                return Err(TokenFault::Subject.into());
            }
            answer.profile.add_to(&mut identity);
        }
        Ok(identity)
    }

    /// Whom the provider signed out.
    ///
    /// # Errors
    /// What is wrong with the token or the provider.
    pub async fn logout(&self, provider: &Provider, token: &str, now: i64) -> Result<Logout, Fault> {
        self.with_keys(provider, now, |keys, expected| {
            check_logout_token(token, keys, expected)
        })
        .await
    }

    /// Checks with the keys that are remembered, and once more with new ones when the key is not among them.
    async fn with_keys<T>(
        &self,
        provider: &Provider,
        now: i64,
        check: impl Fn(&Keys, Expected<'_>) -> Result<T, TokenFault>,
    ) -> Result<T, Fault> {
        let expected = Expected {
            issuer: &provider.issuer,
            client: &provider.client,
            now,
        };
        let keys = self.keys(&provider.issuer, now, REMEMBERED).await?;
        match check(&keys, expected) {
            Err(TokenFault::Key) => {
                let keys = self.keys(&provider.issuer, now, AGAIN).await?;
                Ok(check(&keys, expected)?)
            }
            checked => Ok(checked?),
        }
    }

    async fn metadata(&self, issuer: &Issuer, now: i64) -> Result<Arc<Metadata>, Fault> {
        let memory = self.memory(issuer);
        let mut memory = memory.lock().await;
        if let Some((at, metadata)) = &memory.metadata
            && recent(*at, now, REMEMBERED)
        {
            return Ok(metadata.clone());
        }
        memory.may_ask(now)?;
        let asked = memory.remember(self.description(issuer).await, now)?;
        let metadata = Arc::new(asked);
        memory.metadata = Some((now, metadata.clone()));
        Ok(metadata)
    }

    async fn keys(&self, issuer: &Issuer, now: i64, no_older: i64) -> Result<Arc<Keys>, Fault> {
        let metadata = self.metadata(issuer, now).await?;
        let memory = self.memory(issuer);
        let mut memory = memory.lock().await;
        if let Some((at, keys)) = &memory.keys
            && recent(*at, now, no_older)
        {
            return Ok(keys.clone());
        }
        memory.may_ask(now)?;
        let asked = memory.remember(self.published(&metadata).await, now)?;
        let keys = Arc::new(asked);
        memory.keys = Some((now, keys.clone()));
        Ok(keys)
    }

    async fn description(&self, issuer: &Issuer) -> Result<Metadata, Fault> {
        let description: Description = self.fetch.document(&issuer.discovery(), "issuer").await?;
        description.check(issuer, self.reach())
    }

    async fn published(&self, metadata: &Metadata) -> Result<Keys, Fault> {
        let published: Published = self.fetch.document(&metadata.keys, "set of keys").await?;
        Keys::of(published)
    }
}

impl Memory {
    /// Whoever waits behind somebody for whom the provider failed a moment ago does not ask again.
    fn may_ask(&self, now: i64) -> Result<(), Fault> {
        match self.failed {
            Some((at, fault)) if recent(at, now, AGAIN) => Err(fault),
            _ => Ok(()),
        }
    }

    fn remember<T>(&mut self, asked: Result<T, Fault>, now: i64) -> Result<T, Fault> {
        self.failed = asked.as_ref().err().map(|fault| (now, *fault));
        asked
    }
}

/// Whether it was less than so many seconds ago. A clock that went back makes nothing recent.
fn recent(at: i64, now: i64, seconds: i64) -> bool {
    (0..seconds).contains(&(now - at))
}

/// A client's name and secret are written as in a form before they go into the header (RFC 6749, 2.3.1).
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
