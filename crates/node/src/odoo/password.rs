//! Passwords as Odoo stores them: `$pbkdf2-sha512$ROUNDS$SALT$HASH` in passlib's base64.

use crate::random;
use aws_lc_rs::pbkdf2;
use base64::Engine;
use base64::alphabet::Alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use std::num::NonZeroU32;
use wire::Plaintext;

/// Odoo's minimum since version 17; older ones take more rounds than theirs.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(599_999);
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 64;

/// Passlib's base64: a dot for the plus sign, no padding.
const PASSLIB: GeneralPurpose = GeneralPurpose::new(&PASSLIB_ALPHABET, NO_PAD);
const PASSLIB_ALPHABET: Alphabet =
    match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./") {
        Ok(alphabet) => alphabet,
        Err(_) => base64::alphabet::STANDARD,
    };

/// What goes into `res_users.password`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a password with a salt of its own. Takes some tenths of a second of one core.
    pub(crate) fn of(password: &Plaintext) -> Self {
        Self::with_salt(password, &random::bytes::<SALT_BYTES>())
    }

    /// A hash that no known password has: its 512 bits are drawn, not derived.
    pub(crate) fn unusable() -> Self {
        Self::text(&random::bytes::<SALT_BYTES>(), &random::bytes::<HASH_BYTES>())
    }

    fn with_salt(password: &Plaintext, salt: &[u8]) -> Self {
        let mut hash = [0_u8; HASH_BYTES];
        let password = password.expose().as_bytes();
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, ROUNDS, salt, password, &mut hash);
        Self::text(salt, &hash)
    }

    fn text(salt: &[u8], hash: &[u8]) -> Self {
        Self(format!(
            "$pbkdf2-sha512${ROUNDS}${}${}",
            PASSLIB.encode(salt),
            PASSLIB.encode(hash)
        ))
    }

    /// The text for the column, and for nothing else.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash that Odoo 19 itself wrote for the password `admin`.
    const ODOO: &str = "$pbkdf2-sha512$600000$cW7NGeOc8z5njHGOsdYaYw$5gXIey8PpWlHqMErzQqkRc4IA5iEXrSDZYgdHveRH9tgTaxkLj1h1mNeDNoW.m6ijFNkOzR2DA0enrTMoJR.Tw";

    #[test]
    fn the_hash_is_the_one_that_odoo_writes() {
        let salt = PASSLIB.decode(ODOO.split('$').nth(3).unwrap()).unwrap();
        let ours = PasswordHash::with_salt(&Plaintext::new("admin".to_owned()), &salt);
        assert_eq!(ours.as_str(), ODOO);
        let other = PasswordHash::with_salt(&Plaintext::new("Admin".to_owned()), &salt);
        assert_ne!(other.as_str(), ODOO);
    }

    #[test]
    fn an_unusable_hash_has_the_same_shape() {
        let text = PasswordHash::unusable().as_str().to_owned();
        assert_eq!(text.len(), ODOO.len());
        assert_eq!(text.matches('$').count(), 4);
    }
}
