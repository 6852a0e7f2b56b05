//! SCRAM verifiers (RFC 5803, as PostgreSQL stores them), so that a password never travels in a statement.

use crate::random;
use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Secret;
use std::num::NonZeroU32;

/// PostgreSQL's own number.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(4095);

/// What PostgreSQL keeps instead of a password. Holds no character that would need quoting.
pub(crate) struct Verifier(String);

impl Verifier {
    /// A verifier of this password with a salt of its own. The password must be plain ASCII, as generated ones
    /// are: SASLprep is not done here.
    pub(crate) fn new(password: &Secret<String>) -> Self {
        Self::with_salt(password, &random::bytes::<16>())
    }

    fn with_salt(password: &Secret<String>, salt: &[u8]) -> Self {
        let mut salted = [0_u8; 32];
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            ROUNDS,
            salt,
            password.expose().as_bytes(),
            &mut salted,
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
        let client_key = hmac::sign(&key, b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
        let server_key = hmac::sign(&key, b"Server Key");
        let (salt, stored, server) = (
            STANDARD.encode(salt),
            STANDARD.encode(stored_key),
            STANDARD.encode(server_key),
        );
        Self(format!("SCRAM-SHA-256${ROUNDS}:{salt}${stored}:{server}"))
    }

    /// The verifier's text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_is_the_one_of_postgresql() {
        // Made by PostgreSQL 15: CREATE ROLE … PASSWORD 'pencil'.
        let known = "SCRAM-SHA-256$4096:TUZG/hXqjU1sf1Kjw+rvfQ==$peE1EiDTfYZHoZtpdjRHpEC5HIRTCxiClu2tilcMQ88=:RybecRXwfoYI+WSgTEeOhMexBP6CcOH6j/iqrLi+6bE=";
        let salt = known.split(['$', ':']).nth(2).unwrap();
        let salt = STANDARD.decode(salt).unwrap();
        assert_eq!(
            Verifier::with_salt(&Secret::new("pencil".to_owned()), &salt).as_str(),
            known
        );
    }
}
