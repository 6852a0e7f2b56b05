//! Secrets at rest, tokens of one-time links, fingerprints of requests: everything that follows from the server's key.
//!
//! The server's key seals the keys in the control database (`crates/control/src/secrets`), and those seal the secrets.
//! Every sealed secret begins with the name of the key that opens it.

mod ring;

pub(crate) use ring::{KeyName, Ring};

use crate::error::ControlError;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use domain::Secret;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

const NONCE_LENGTH: usize = 24;
/// What a sealed secret begins with, before the name of its key. Older ones begin with their nonce.
const MARK: &[u8; 4] = b"TNK1";

/// A nonce, drawn for one secret alone.
pub(crate) type Nonce = [u8; NONCE_LENGTH];

/// 256 random bits that every replica of the server shares and no database holds, those it had before, and the keys
/// that they opened.
#[derive(Clone)]
pub struct ServerKey {
    own: Secret<[u8; 32]>,
    former: Vec<Secret<[u8; 32]>>,
    ring: Arc<RwLock<Ring>>,
}

/// A sealed secret that this key cannot open, or text that is no key.
#[derive(Debug, Error)]
pub enum SealingError {
    /// Made with another key, or for another purpose, or damaged.
    #[error("a sealed secret cannot be opened with this server's key")]
    Unreadable,
    /// Not 64 hexadecimal digits.
    #[error("the server's key must be 64 hexadecimal digits")]
    NotAKey,
    /// The control database's keys were sealed with another server's key.
    #[error(
        "the control database was sealed with the server's key of the fingerprint {wanted}, this is {own}; \
         give that one as a previous key and run: tenantry secrets rotate"
    )]
    OtherKey {
        /// The key that would open it.
        wanted: String,
        /// This key.
        own: String,
    },
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerKey(…)")
    }
}

impl ServerKey {
    /// Takes 32 random bytes as the key.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self {
            own: Secret::new(bytes),
            former: Vec::new(),
            ring: Arc::default(),
        }
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

    /// The same key, which also opens what these had sealed.
    #[must_use]
    pub fn with_former(mut self, former: Vec<Self>) -> Self {
        self.former = former.into_iter().map(|key| key.own).collect();
        self
    }

    /// The key's name, which says nothing about it.
    pub(crate) fn name(&self) -> KeyName {
        name_of(self.own.expose())
    }

    /// Encrypts a secret for one purpose (`context`), with the key in use.
    pub(crate) fn seal(&self, plain: &str, context: &str, nonce: Nonce) -> Result<Vec<u8>, ControlError> {
        let in_use = self.ring().in_use();
        let (name, key) =
            in_use.unwrap_or_else(|| (self.name(), Secret::new(mac(self.own.expose(), "seal", b"key"))));
        let sealed = encrypt(key.expose(), plain.as_bytes(), &bound(&name, context), nonce)?;
        Ok([MARK.as_slice(), &name, &sealed].concat())
    }

    /// Opens what [`ServerKey::seal`] made for the same purpose.
    pub(crate) fn open(&self, sealed: &[u8], context: &str) -> Result<String, ControlError> {
        let plain = match named(sealed) {
            Some((name, body)) => {
                let key = self.key(&name).ok_or_else(unreadable)?;
                decrypt(key.expose(), body, &bound(&name, context))?
            }
            None => self.open_old(sealed, context)?,
        };
        String::from_utf8(plain).map_err(|_| unreadable())
    }

    /// Opens what was sealed with a server's key itself, before there were others.
    fn open_old(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, ControlError> {
        let mut opened = self
            .masters()
            .filter_map(|master| decrypt(&mac(master, "seal", b"key"), sealed, context.as_bytes()).ok());
        opened.next().ok_or_else(unreadable)
    }

    /// Whether the key that a secret names is at hand.
    pub(crate) fn knows(&self, sealed: &[u8]) -> bool {
        named(sealed).is_none_or(|(name, _)| self.key(&name).is_some())
    }

    /// The name of the key that a secret was sealed with; nothing for older ones.
    pub(crate) fn name_in(sealed: &[u8]) -> Option<KeyName> {
        named(sealed).map(|(name, _)| name)
    }

    fn key(&self, name: &KeyName) -> Option<Secret<[u8; 32]>> {
        self.ring().key(name).or_else(|| {
            let master = self.masters().find(|master| name_of(master) == *name)?;
            Some(Secret::new(mac(master, "seal", b"key")))
        })
    }

    /// This key and those before it.
    fn masters(&self) -> impl Iterator<Item = &[u8; 32]> {
        std::iter::once(&self.own).chain(&self.former).map(Secret::expose)
    }

    fn ring(&self) -> std::sync::RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the keys of the control database in hand.
    pub(crate) fn hold(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    /// Seals a key of the control database.
    pub(crate) fn wrap(&self, name: &KeyName, key: &[u8; 32], nonce: Nonce) -> Result<Vec<u8>, ControlError> {
        encrypt(&mac(self.own.expose(), "wrap", b"key"), key, name, nonce)
    }

    /// Opens a key of the control database, which the server's key of this name had sealed.
    pub(crate) fn unwrap(
        &self,
        name: &KeyName,
        sealed: &[u8],
        wrapped_by: &[u8],
    ) -> Result<Secret<[u8; 32]>, ControlError> {
        let master = self.masters().find(|master| name_of(master) == wrapped_by);
        let master = master.ok_or_else(|| {
            ControlError::internal(SealingError::OtherKey {
                wanted: hex::encode(wrapped_by),
                own: hex::encode(self.name()),
            })
        })?;
        let key = decrypt(&mac(master, "wrap", b"key"), sealed, name)?;
        let key: [u8; 32] = key.try_into().map_err(|_| unreadable())?;
        Ok(Secret::new(key))
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

    /// A keyed digest of a message for one purpose.
    pub(crate) fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        mac(self.own.expose(), purpose, message)
    }
}

fn unreadable() -> ControlError {
    ControlError::internal(SealingError::Unreadable)
}

/// A secret belongs to its key and its purpose, so that it can be moved under neither another.
fn bound(name: &KeyName, context: &str) -> Vec<u8> {
    [name.as_slice(), context.as_bytes()].concat()
}

/// Parts a sealed secret from the name of its key.
fn named(sealed: &[u8]) -> Option<(KeyName, &[u8])> {
    let (name, body) = sealed.strip_prefix(MARK)?.split_first_chunk()?;
    Some((*name, body))
}

fn name_of(master: &[u8; 32]) -> KeyName {
    let mut name = KeyName::default();
    let digest = mac(master, "name", b"key");
    name.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
    name
}

fn encrypt(key: &[u8; 32], plain: &[u8], aad: &[u8], nonce: Nonce) -> Result<Vec<u8>, ControlError> {
    let payload = Payload { msg: plain, aad };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&nonce.into(), payload)
        .map_err(|_| unreadable())?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &[u8; 32], sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, ControlError> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE_LENGTH>()
        .ok_or_else(unreadable)?;
    let payload = Payload { msg: body, aad };
    XChaCha20Poly1305::new(key.into())
        .decrypt(&(*nonce).into(), payload)
        .map_err(|_| unreadable())
}

fn mac(key: &[u8; 32], purpose: &str, message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail; an empty key would be refused by tests.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(&Sha256::digest(purpose.as_bytes()));
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// SHA-256 of a random token, which is how tokens and keys are stored.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: Nonce = [1; NONCE_LENGTH];

    fn key(byte: u8) -> ServerKey {
        ServerKey::from_bytes([byte; 32])
    }

    fn ring(names: &[u8]) -> Ring {
        let mut ring = Ring::default();
        for name in names {
            ring.add([*name; 16], Secret::new([*name; 32]), *name == 9);
        }
        ring
    }

    #[test]
    fn a_sealed_secret_opens_for_its_own_purpose_only() -> Result<(), ControlError> {
        let server = key(7);
        server.hold(ring(&[9]));
        let sealed = server.seal("O'Brien", "cmd_1", NONCE)?;
        assert!(!sealed.windows(7).any(|window| window == b"O'Brien"));
        assert_eq!(server.open(&sealed, "cmd_1")?, "O'Brien");
        assert!(server.open(&sealed, "cmd_2").is_err());
        assert!(key(7).open(&sealed, "cmd_1").is_err());
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(server.open(&damaged, "cmd_1").is_err(), "{place}");
        }
        Ok(())
    }

    #[test]
    fn every_sealed_secret_names_its_key() -> Result<(), ControlError> {
        let server = key(7);
        assert_eq!(
            ServerKey::name_in(&server.seal("x", "c", NONCE)?),
            Some(server.name())
        );
        server.hold(ring(&[8, 9]));
        let sealed = server.seal("x", "c", NONCE)?;
        assert_eq!(ServerKey::name_in(&sealed), Some([9; 16]));
        assert!(server.knows(&sealed) && !key(7).knows(&sealed));
        // Retired, it opens still.
        server.hold(ring(&[8]));
        assert!(server.open(&sealed, "c").is_err());
        let mut retired = ring(&[8]);
        retired.add([9; 16], Secret::new([9; 32]), false);
        server.hold(retired);
        assert_eq!(server.open(&sealed, "c")?, "x");
        Ok(())
    }

    #[test]
    fn what_was_sealed_before_there_were_names_opens_with_its_key_or_a_later_one_that_knows_it()
    -> Result<(), ControlError> {
        let old = encrypt(&mac(&[7; 32], "seal", b"key"), b"x", b"c", NONCE)?;
        assert_eq!(key(7).open(&old, "c")?, "x");
        assert!(key(8).open(&old, "c").is_err());
        assert_eq!(key(8).with_former(vec![key(7)]).open(&old, "c")?, "x");
        Ok(())
    }

    #[test]
    fn a_key_is_unwrapped_by_the_server_s_key_that_wrapped_it() -> Result<(), ControlError> {
        let wrapped = key(7).wrap(&[9; 16], &[5; 32], NONCE)?;
        let by = key(7).name();
        assert_eq!(key(7).unwrap(&[9; 16], &wrapped, &by)?.expose(), &[5; 32]);
        assert!(key(7).unwrap(&[8; 16], &wrapped, &by).is_err());
        assert!(key(8).unwrap(&[9; 16], &wrapped, &by).is_err());
        let later = key(8).with_former(vec![key(7)]);
        assert_eq!(later.unwrap(&[9; 16], &wrapped, &by)?.expose(), &[5; 32]);
        Ok(())
    }

    #[test]
    fn derived_tokens_differ_by_key_purpose_and_name() {
        let token = key(7).derive("link", "a");
        assert_eq!(token, key(7).derive("link", "a"));
        for other in [
            key(7).derive("link", "b"),
            key(7).derive("other", "a"),
            key(8).derive("link", "a"),
        ] {
            assert_ne!(token, other);
        }
    }
}
