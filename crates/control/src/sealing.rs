//! The server's own key: secrets at rest, tokens of one-time links, fingerprints of requests.

use crate::error::ControlError;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use domain::Secret;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

const NONCE_LENGTH: usize = 24;

/// 256 random bits that every replica of the server shares and no database holds.
#[derive(Clone)]
pub struct ServerKey(Secret<[u8; 32]>);

/// A sealed secret that this key cannot open, or text that is no key.
#[derive(Debug, Error)]
pub enum SealingError {
    /// Made with another key, or for another purpose, or damaged.
    #[error("a sealed secret cannot be opened with this server's key")]
    Unreadable,
    /// Not 64 hexadecimal digits.
    #[error("the server's key must be 64 hexadecimal digits")]
    NotAKey,
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerKey(…)")
    }
}

impl ServerKey {
    /// Takes 32 random bytes as the key.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Reads a key of 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`SealingError::NotAKey`].
    pub fn from_hex(text: &str) -> Result<Self, SealingError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| SealingError::NotAKey)?;
        Ok(Self::from_bytes(bytes))
    }

    /// Encrypts a secret for one purpose (`context`), with a nonce drawn for it alone.
    pub(crate) fn seal(
        &self,
        plain: &str,
        context: &str,
        nonce: [u8; NONCE_LENGTH],
    ) -> Result<Vec<u8>, ControlError> {
        let payload = Payload {
            msg: plain.as_bytes(),
            aad: context.as_bytes(),
        };
        let sealed = self
            .cipher("seal")
            .encrypt(&nonce.into(), payload)
            .map_err(|_| ControlError::internal(SealingError::Unreadable))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`ServerKey::seal`] made for the same purpose.
    pub(crate) fn open(&self, sealed: &[u8], context: &str) -> Result<String, ControlError> {
        let unreadable = || ControlError::internal(SealingError::Unreadable);
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_LENGTH>()
            .ok_or_else(unreadable)?;
        let payload = Payload {
            msg: body,
            aad: context.as_bytes(),
        };
        let plain = self
            .cipher("seal")
            .decrypt(&(*nonce).into(), payload)
            .map_err(|_| unreadable())?;
        String::from_utf8(plain).map_err(|_| unreadable())
    }

    /// A token that follows from the key and a name, so that it can be shown again without being stored.
    pub(crate) fn derive(&self, purpose: &str, name: &str) -> String {
        hex::encode(self.mac(purpose, name.as_bytes()))
    }

    /// A keyed hash, which says nothing about the text without the key.
    pub(crate) fn keyed_hash(&self, purpose: &str, text: &str) -> Vec<u8> {
        self.mac(purpose, text.as_bytes()).to_vec()
    }

    /// A fingerprint of a request, which says nothing about the secrets in it without the key.
    pub(crate) fn fingerprint(&self, request: &[u8]) -> Vec<u8> {
        self.mac("request", request).to_vec()
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.mac(purpose, b"key").into())
    }

    /// A keyed digest of a message for one purpose.
    pub(crate) fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        // HMAC takes keys of any length, so this cannot fail; an empty key would be refused by tests.
        let mut outer = Sha256::new();
        outer.update(purpose.as_bytes());
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.0.expose()) else {
            return [0; 32];
        };
        mac.update(&outer.finalize());
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}

/// SHA-256 of a random token, which is how tokens and keys are stored.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_own_purpose_only() -> Result<(), ControlError> {
        let key = ServerKey::from_bytes([7; 32]);
        let sealed = key.seal("O'Brien", "cmd_1", [1; NONCE_LENGTH])?;
        assert!(!sealed.windows(7).any(|window| window == b"O'Brien"));
        assert_eq!(key.open(&sealed, "cmd_1")?, "O'Brien");
        assert!(key.open(&sealed, "cmd_2").is_err());
        assert!(ServerKey::from_bytes([8; 32]).open(&sealed, "cmd_1").is_err());
        Ok(())
    }

    #[test]
    fn derived_tokens_differ_by_key_purpose_and_name() {
        let key = ServerKey::from_bytes([7; 32]);
        let token = key.derive("link", "a");
        assert_eq!(token, key.derive("link", "a"));
        for other in [
            key.derive("link", "b"),
            key.derive("other", "a"),
            ServerKey::from_bytes([8; 32]).derive("link", "a"),
        ] {
            assert_ne!(token, other);
        }
    }
}
