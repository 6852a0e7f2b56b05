//! The keys that a provider publishes, as far as tokens are checked with them here.

use crate::fault::{Fault, TokenFault};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Deserialize;
use serde_json::Value;

/// The algorithms that are taken. None of them has a secret in common with the provider, so that no published key
/// is ever taken for one.
pub(crate) const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
/// Most keys of a set that are looked at.
const MOST: usize = 50;

/// A set of keys as it comes; one that cannot be read does not spoil the others.
#[derive(Debug, Deserialize)]
pub(crate) struct Published {
    keys: Vec<Value>,
}

/// Keys that tokens can be checked with.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Jwk>);

impl Keys {
    /// Reads a set of keys.
    ///
    /// # Errors
    /// [`Fault::NotJson`]; [`Fault::NoKeys`] when none of them can be used.
    pub fn read(text: &[u8]) -> Result<Self, Fault> {
        Self::of(serde_json::from_slice(text).map_err(|_| Fault::NotJson)?)
    }

    pub(crate) fn of(published: Published) -> Result<Self, Fault> {
        let keys = published.keys.into_iter().take(MOST);
        let keys = keys.filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<Jwk> = keys.filter(is_usable).collect();
        match keys.is_empty() {
            true => Err(Fault::NoKeys),
            false => Ok(Self(keys)),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The key that a token says it is signed with, and the algorithm, which the key decides as much as the token.
    pub(crate) fn key_for(&self, header: &Header) -> Result<(DecodingKey, Algorithm), TokenFault> {
        let allowed = ALGORITHMS.iter().any(|(_, known)| *known == header.alg);
        if !allowed || header.crit.is_some() {
            return Err(TokenFault::Algorithm);
        }
        let mut fitting = self.0.iter().filter(|key| match &header.kid {
            Some(kid) => key.common.key_id.as_ref() == Some(kid),
            None => suits(key, header.alg),
        });
        let key = fitting.next().ok_or(TokenFault::Key)?;
        // Without a name, only one key can be meant.
        if header.kid.is_none() && fitting.next().is_some() {
            return Err(TokenFault::Key);
        }
        if !suits(key, header.alg) {
            return Err(TokenFault::Algorithm);
        }
        let key = DecodingKey::from_jwk(key).map_err(|_| TokenFault::Key)?;
        Ok((key, header.alg))
    }
}

fn is_usable(key: &Jwk) -> bool {
    let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    signs && ALGORITHMS.iter().any(|(_, algorithm)| suits(key, *algorithm))
}

/// Whether a token of this algorithm can be checked with the key, by the key's kind and its own word.
fn suits(key: &Jwk, algorithm: Algorithm) -> bool {
    use jsonwebtoken::jwk::EllipticCurve;
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), _) => matches!(
            algorithm,
            Algorithm::RS256
                | Algorithm::RS384
                | Algorithm::RS512
                | Algorithm::PS256
                | Algorithm::PS384
                | Algorithm::PS512
        ),
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES256) => curve.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES384) => curve.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(pair), Algorithm::EdDSA) => pair.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let own = key.common.key_algorithm.as_ref().map(ToString::to_string);
    kind && own.is_none_or(|own| {
        ALGORITHMS
            .iter()
            .any(|(name, known)| *known == algorithm && *name == own)
    })
}
