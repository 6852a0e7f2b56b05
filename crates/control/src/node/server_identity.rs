//! The key with which the server proves to nodes that it is the one they enrolled at. All replicas share it, for good.

use crate::{Control, ControlError};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, OnceLock};
use store::{Actor, ServerIdentityRecord};
use wire::handshake::signed;

/// For what the private half is sealed.
pub(crate) const SEALED_FOR: &str = "server-identity";
/// The length of a challenge, in hexadecimal digits.
const CHALLENGE: usize = 64;

/// The server's proof for one answer, in hexadecimal digits.
#[derive(Debug)]
pub struct Proof {
    /// The signature.
    pub signature: String,
    /// The public key.
    pub key: String,
}

/// The key, once it has been read.
#[derive(Clone, Default)]
pub(crate) struct ServerIdentity(Arc<OnceLock<Arc<Ed25519KeyPair>>>);

impl std::fmt::Debug for ServerIdentity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ServerIdentity(…)")
    }
}

impl Control {
    /// Signs an answer to a node; nothing for a challenge that is none.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`] when the key cannot be read, [`ControlError::Internal`] when it cannot be opened.
    pub async fn prove(
        &self,
        challenge: &str,
        path: &str,
        status: u16,
        body: &[u8],
    ) -> Result<Option<Proof>, ControlError> {
        if challenge.len() != CHALLENGE || !challenge.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let pair = self.identity().await?;
        let message = signed(challenge, path, status, &hex::encode(Sha256::digest(body)));
        Ok(Some(Proof {
            signature: hex::encode(pair.sign(&message).as_ref()),
            key: hex::encode(pair.public_key().as_ref()),
        }))
    }

    /// The server's public key in hexadecimal digits, and its fingerprint.
    pub(crate) async fn public_identity(&self) -> Result<(String, String), ControlError> {
        let pair = self.identity().await?;
        let public = pair.public_key().as_ref();
        Ok((hex::encode(public), hex::encode(Sha256::digest(public))))
    }

    /// The key; made when there is none.
    async fn identity(&self) -> Result<Arc<Ed25519KeyPair>, ControlError> {
        if let Some(pair) = self.server_identity.0.get() {
            return Ok(Arc::clone(pair));
        }
        let scoped = self.store.on_behalf_of(Actor::System);
        let record = match scoped.server_identity().await? {
            Some(record) => record,
            None => {
                self.make_identity().await?;
                let made = scoped.server_identity().await?;
                made.ok_or_else(|| unusable("it was made, and is gone"))?
            }
        };
        self.look_for_key(&record.sealed).await?;
        let seed = self.server_key.open(&record.sealed, SEALED_FOR)?;
        let seed = domain::Secret::new(hex::decode(seed).map_err(ControlError::internal)?);
        let pair = Ed25519KeyPair::from_seed_and_public_key(seed.expose(), &record.public)
            .map_err(|error| unusable(&error.to_string()))?;
        Ok(Arc::clone(self.server_identity.0.get_or_init(|| Arc::new(pair))))
    }

    /// Two replicas may each make one at the same time; the first that is written down is the one.
    async fn make_identity(&self) -> Result<(), ControlError> {
        let seed = domain::Secret::new(self.world.bytes::<32>());
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose())
            .map_err(|error| unusable(&error.to_string()))?;
        let sealed = self
            .server_key
            .seal(&hex::encode(seed.expose()), SEALED_FOR, self.world.bytes())?;
        let record = ServerIdentityRecord {
            id: self.world.uuid(),
            public: pair.public_key().as_ref().to_vec(),
            sealed,
            created_at: self.world.now(),
        };
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        unit.keep_server_identity(&record).await?;
        Ok(unit.commit().await?)
    }
}

fn unusable(why: &str) -> ControlError {
    ControlError::internal(std::io::Error::other(format!(
        "the key by which nodes know the server: {why}"
    )))
}
