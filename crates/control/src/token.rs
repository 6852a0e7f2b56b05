//! Access tokens: short-lived JWTs, signed with Ed25519 by keys that are replaced month by month.
//!
//! A token only says which session it is of. What the session's person may do is read with each request, so that a token
//! is worth nothing the moment its session has ended.

use crate::{Control, ControlError};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use domain::{PersonId, Principal, SessionId};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError, RwLock};
use store::{Actor, LiveSession, SigningKeyRecord};
use uuid::Uuid;
use wire::Plaintext;

/// How long an access token works.
pub(crate) const ACCESS_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long a key signs.
const KEY_SIGNS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long it verifies: as long as a token of its last day works, and some more.
const KEY_VERIFIES: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Whom the tokens are for.
const AUDIENCE: &str = "tenantry-api";
/// What kind of JWT it is (RFC 9068), so that none of another kind is taken for one.
const KIND: &str = "at+jwt";
/// For what the private half of this key is sealed.
pub(crate) fn sealed_for(id: Uuid) -> String {
    format!("{SEALED_FOR}:{}", id.simple())
}

/// For what private halves are sealed.
const SEALED_FOR: &str = "signing-key";
/// Longest token that is looked at, in bytes.
const LONGEST: usize = 2048;

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: PersonId,
    sid: SessionId,
    jti: Uuid,
    iat: i64,
    exp: i64,
    typ: String,
}

/// A new access token.
#[derive(Debug)]
pub struct AccessToken {
    /// The token.
    pub token: Plaintext,
    /// In how many seconds it ends.
    pub expires_in: i64,
}

/// What a client gets when it signs in or refreshes.
#[derive(Debug)]
pub struct Tokens {
    /// For requests.
    pub access: AccessToken,
    /// For the next tokens.
    pub refresh: Plaintext,
    /// In how many seconds that ends.
    pub refresh_expires_in: i64,
    /// What changes with cookies must repeat.
    pub csrf: String,
}

/// A key of this moment, unsealed.
struct SigningKey {
    id: Uuid,
    created_at: Timestamp,
    public: DecodingKey,
    private: EncodingKey,
}

/// The keys that this server has read so far, newest first.
#[derive(Clone, Default)]
pub(crate) struct SigningKeys(Arc<RwLock<Vec<Arc<SigningKey>>>>);

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKeys(…)")
    }
}

impl SigningKeys {
    fn find(&self, wanted: impl Fn(&SigningKey) -> bool) -> Option<Arc<SigningKey>> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| wanted(key)).cloned()
    }
}

impl Control {
    /// An access token for a session.
    pub(crate) async fn access_token(
        &self,
        person: PersonId,
        session: SessionId,
    ) -> Result<AccessToken, ControlError> {
        let key = self.signing_key().await?;
        let now = self.world.now();
        let claims = Claims {
            iss: self.settings.panel.clone(),
            aud: AUDIENCE.to_owned(),
            sub: person,
            sid: session,
            jti: self.world.uuid(),
            iat: now.as_second(),
            exp: (now + ACCESS_LIFE).as_second(),
            typ: "access".to_owned(),
        };
        let header = Header {
            typ: Some(KIND.to_owned()),
            kid: Some(key.id.simple().to_string()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = jsonwebtoken::encode(&header, &claims, &key.private).map_err(ControlError::internal)?;
        Ok(AccessToken {
            token: Plaintext::new(token),
            expires_in: ACCESS_LIFE.as_secs(),
        })
    }

    /// Who shows this access token, and their session.
    ///
    /// # Errors
    /// [`ControlError::Unauthenticated`] for one that is not ours, has ended, or whose session has;
    /// [`ControlError::Unavailable`] when that cannot be known.
    pub async fn authenticate_token(&self, token: &str) -> Result<(Principal, LiveSession), ControlError> {
        let claims = self.verified(token).await?;
        let session = self.store.live_session(claims.sid, self.world.now()).await?;
        let session = session.filter(|session| session.who.person == claims.sub);
        let mut session = session.ok_or(ControlError::Unauthenticated)?;
        session.who.assurance = self.assurance(&session);
        Ok((Principal::Person(session.who.clone()), session))
    }

    /// Checks all of a token but its session. Which algorithm it is checked with is our decision, never the token's.
    async fn verified(&self, token: &str) -> Result<Claims, ControlError> {
        let refused = |_: jsonwebtoken::errors::Error| ControlError::Unauthenticated;
        if token.len() > LONGEST {
            return Err(ControlError::Unauthenticated);
        }
        let header = jsonwebtoken::decode_header(token).map_err(refused)?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(KIND) || header.crit.is_some() {
            return Err(ControlError::Unauthenticated);
        }
        let kid = header.kid.and_then(|kid| Uuid::try_parse(&kid).ok());
        let key = self.key_of(kid.ok_or(ControlError::Unauthenticated)?).await?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[&self.settings.panel]);
        rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // The time is this server's to say, below.
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.public, &rules)
            .map_err(refused)?
            .claims;
        let now = self.world.now().as_second();
        // A clock that lags behind that of the replica which signed is no reason to refuse.
        let in_time = claims.exp > now && claims.iat <= now + 60;
        if in_time && claims.typ == "access" {
            Ok(claims)
        } else {
            Err(ControlError::Unauthenticated)
        }
    }

    /// Makes sure that there is a key that signs, before a transaction begins in which one is needed: looking for it takes a
    /// connection of its own.
    pub(crate) async fn ready_to_sign(&self) -> Result<(), ControlError> {
        self.signing_key().await.map(drop)
    }

    /// The key that signs now; a new one is made when there is none young enough.
    async fn signing_key(&self) -> Result<Arc<SigningKey>, ControlError> {
        let since = self.world.now() - KEY_SIGNS;
        if let Some(key) = self.signing_keys.find(|key| key.created_at > since) {
            return Ok(key);
        }
        self.read_signing_keys().await?;
        if let Some(key) = self.signing_keys.find(|key| key.created_at > since) {
            return Ok(key);
        }
        self.make_signing_key().await?;
        self.read_signing_keys().await?;
        self.signing_keys
            .find(|key| key.created_at > since)
            .ok_or_else(|| {
                ControlError::internal(std::io::Error::other("a signing key that was made is gone"))
            })
    }

    async fn key_of(&self, id: Uuid) -> Result<Arc<SigningKey>, ControlError> {
        let since = self.world.now() - KEY_VERIFIES;
        let wanted = |key: &SigningKey| key.id == id && key.created_at > since;
        if let Some(key) = self.signing_keys.find(wanted) {
            return Ok(key);
        }
        // Another replica may have made it a moment ago.
        self.read_signing_keys().await?;
        self.signing_keys
            .find(wanted)
            .ok_or(ControlError::Unauthenticated)
    }

    /// Two replicas may each make one at the same time; both are good.
    async fn make_signing_key(&self) -> Result<(), ControlError> {
        let unusable = |_| ControlError::internal(std::io::Error::other("a signing key could not be made"));
        let pair = Ed25519KeyPair::from_seed_unchecked(&self.world.bytes::<32>())
            .map_err(|error| unusable(error.to_string()))?;
        let private = pair.to_pkcs8().map_err(|error| unusable(error.to_string()))?;
        let id = self.world.uuid();
        let sealed = self.server_key.seal(
            &hex::encode(private.as_ref()),
            &sealed_for(id),
            self.world.bytes(),
        )?;
        let record = SigningKeyRecord {
            id,
            public: pair.public_key().as_ref().to_vec(),
            sealed,
            created_at: self.world.now(),
        };
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        unit.insert_signing_key(&record).await?;
        Ok(unit.commit().await?)
    }

    async fn read_signing_keys(&self) -> Result<(), ControlError> {
        let since = self.world.now() - KEY_VERIFIES;
        let records = self.store.on_behalf_of(Actor::System).signing_keys(since).await?;
        // One that another server key sealed is no key of ours: its tokens are refused, and a new one is made.
        let keys = records
            .iter()
            .filter_map(|record| self.unsealed(record))
            .map(Arc::new)
            .collect();
        *self
            .signing_keys
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn unsealed(&self, record: &SigningKeyRecord) -> Option<SigningKey> {
        let private = self
            .server_key
            .open(&record.sealed, &sealed_for(record.id))
            .ok()?;
        let private = domain::Secret::new(hex::decode(private).ok()?);
        Some(SigningKey {
            id: record.id,
            created_at: record.created_at,
            public: DecodingKey::from_ed_der(&record.public),
            private: EncodingKey::from_ed_der(private.expose()),
        })
    }

    /// What changes that come with cookies of this session must repeat: a page of ours can read it, another's cannot.
    pub fn csrf_token(&self, session: SessionId) -> String {
        self.server_key.derive("csrf", &session.to_string())
    }

    /// Forgets keys whose tokens have all ended.
    pub(crate) fn keys_kept_since(&self) -> Timestamp {
        self.world.now() - KEY_VERIFIES
    }
}
