//! The server's public key, as the node learned it when it enrolled: whoever cannot sign with it is not obeyed.

use crate::credential::sha256;
use crate::error::NodeError;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use reqwest::header::HeaderMap;
use wire::handshake::{PROOF, SERVER_KEY, signed};

/// The server's public key.
#[derive(Clone)]
pub(crate) struct ServerKey(Vec<u8>);

/// What a proof is about.
pub(crate) struct Answered<'a> {
    pub(crate) challenge: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl ServerKey {
    /// Reads a key in hexadecimal digits.
    pub(crate) fn read(text: &str) -> Result<Self, NodeError> {
        hex::decode(text).map(Self).map_err(|_| NodeError::Record {
            what: "the server's key".to_owned(),
        })
    }

    /// The key that an answer names, if it has this fingerprint.
    pub(crate) fn named(headers: &HeaderMap, fingerprint: &str) -> Option<Self> {
        let key = Self::read(headers.get(SERVER_KEY)?.to_str().ok()?).ok()?;
        (sha256(&key.0) == fingerprint).then_some(key)
    }

    /// Whether the server with this key gave this answer, to this question.
    pub(crate) fn proves(&self, answered: &Answered<'_>) -> bool {
        let signature = answered
            .headers
            .get(PROOF)
            .and_then(|value| hex::decode(value.as_bytes()).ok());
        let message = signed(
            answered.challenge,
            answered.path,
            answered.status,
            &sha256(answered.body),
        );
        signature.is_some_and(|signature| {
            UnparsedPublicKey::new(&ED25519, &self.0)
                .verify(&message, &signature)
                .is_ok()
        })
    }
}
