//! What an ID token proves (OpenID Connect Core 1.0, 3.1.3.7).

use crate::claims::{Claims, Identity, seconds};
use crate::fault::TokenFault;
use crate::issuer::Issuer;
use crate::keys::Keys;
use jsonwebtoken::Validation;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;
/// How far two clocks may be apart, in seconds.
pub(crate) const SLACK: i64 = 60;

/// What a token has to say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Whose it must be.
    pub issuer: &'a Issuer,
    /// For whom.
    pub client: &'a str,
    /// Seconds since 1970, now.
    pub now: i64,
}

/// Checks an ID token of the sign-in that has this nonce.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_id_token(
    token: &str,
    keys: &Keys,
    expected: Expected<'_>,
    nonce: &str,
) -> Result<Identity, TokenFault> {
    let (claims, _) = checked(token, keys, expected)?;
    let exp = seconds(claims.exp.as_ref()).ok_or(TokenFault::Malformed)?;
    if exp.saturating_add(SLACK) <= expected.now {
        return Err(TokenFault::Expired);
    }
    // A logout token is signed with the same key for the same client.
    if claims.events.is_some() {
        return Err(TokenFault::Kind);
    }
    if claims.nonce.as_deref() != Some(nonce) {
        return Err(TokenFault::Nonce);
    }
    claims.identity().ok_or(TokenFault::Malformed)
}

/// Checks signature, issuer, audience and that it was made already: what ID tokens and logout tokens have in common.
pub(crate) fn checked(
    token: &str,
    keys: &Keys,
    expected: Expected<'_>,
) -> Result<(Claims, Option<String>), TokenFault> {
    if token.len() > LONGEST {
        return Err(TokenFault::Malformed);
    }
    // An algorithm that the library does not know, `none` above all, is an error of reading the header.
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Algorithm)?;
    let (key, algorithm) = keys.key_for(&header)?;
    let mut rules = Validation::new(algorithm);
    // Everything below is checked here, against this server's time.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenFault::Signature,
        jsonwebtoken::errors::ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
        _ => TokenFault::Malformed,
    })?;
    let claims = claims.claims;
    if claims.iss != expected.issuer.as_str() {
        return Err(TokenFault::Issuer);
    }
    if !claims.aud.is_for(expected.client, claims.azp.as_deref()) {
        return Err(TokenFault::Audience);
    }
    let made = seconds(claims.iat.as_ref()).ok_or(TokenFault::Malformed)?;
    let from = seconds(claims.nbf.as_ref()).unwrap_or(made).max(made);
    if from > expected.now.saturating_add(SLACK) {
        return Err(TokenFault::NotYet);
    }
    Ok((claims, header.typ))
}
