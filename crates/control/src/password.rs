//! Passwords of people: argon2id, off the async threads, a few at a time.

use crate::ControlError;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use domain::Secret;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory of one hash in KiB, rounds and lanes: the first choice of OWASP's list for argon2id. `docs/adr/0013` has what
/// that costs.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// How many are hashed at once, so that a flood takes 19 MiB each from two and not from fifty.
const AT_ONCE: usize = 2;

/// The hash of no password at all, with the costs above: what is compared when nobody has the address that was typed, so
/// that the answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyBpdA$Z3C6qGHBL6JIRtDBbrxGKKfEXQC5lGAK2cq6nQFgXpM";

/// Hashes and compares passwords.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

fn hasher() -> Result<Argon2<'static>, ControlError> {
    let (memory, rounds, lanes) = COST;
    let params = Params::new(memory, rounds, lanes, None).map_err(ControlError::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Passwords {
    /// The hash of a new password, with this salt, as a PHC string.
    pub(crate) async fn hash(
        &self,
        password: Secret<String>,
        salt: [u8; 16],
    ) -> Result<String, ControlError> {
        self.in_turn(move || {
            let hash = hasher()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
            Ok(hash.map_err(ControlError::internal)?.to_string())
        })
        .await
    }

    /// Whether it is the password of this hash. Without a hash it is not, after as long.
    pub(crate) async fn fits(
        &self,
        password: Secret<String>,
        hash: Option<Secret<String>>,
    ) -> Result<bool, ControlError> {
        self.in_turn(move || {
            let known = hash.as_ref().map_or(NOBODY, |hash| hash.expose().as_str());
            let parsed = PasswordHash::new(known).map_err(ControlError::internal)?;
            let fits = hasher()?
                .verify_password(password.expose().as_bytes(), &parsed)
                .is_ok();
            Ok(fits && hash.is_some())
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ControlError> + Send + 'static,
    ) -> Result<T, ControlError> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(ControlError::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            // Not before: a caller who goes away does not stop the work, and so must not free its turn.
            drop(turn);
            done
        });
        done.await.map_err(ControlError::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() -> Result<(), ControlError> {
        let passwords = Passwords::default();
        let hash = passwords.hash(secret("Quetzal-volando-47"), [7; 16]).await?;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .fits(secret("Quetzal-volando-47"), Some(secret(&hash)))
                .await?
        );
        assert!(
            !passwords
                .fits(secret("quetzal-volando-47"), Some(secret(&hash)))
                .await?
        );
        let other = passwords.hash(secret("Quetzal-volando-47"), [8; 16]).await?;
        assert_ne!(hash, other);
        Ok(())
    }

    #[tokio::test]
    async fn nobody_s_hash_is_one_and_fits_nothing() -> Result<(), ControlError> {
        assert!(PasswordHash::new(NOBODY).is_ok_and(|hash| hash.hash.is_some()));
        for password in ["", "nobody", "nobody has it"] {
            assert!(!Passwords::default().fits(secret(password), None).await?);
        }
        Ok(())
    }
}
