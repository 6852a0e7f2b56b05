//! Passwords of people: argon2id, off the async threads, a few at a time.

use crate::ControlError;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::Secret;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

/// Memory of one hash in KiB, rounds and lanes: the first choice of OWASP's list for argon2id. `docs/adr/0013` has what
/// that costs.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Length of salt and hash in bytes.
const SALT: usize = 16;
const HASH: usize = 32;
/// How much is asked for at once, in blocks of 1 KiB: more than the 32 MiB up to which the C library keeps what was freed
/// for each of its threads. So it goes back to the system after every hash; only what is written to takes memory.
const ASKED_FOR: usize = 33 * 1024;
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

/// The hash of a password, with this salt and these costs.
fn derive(password: &str, salt: &[u8], params: Params) -> Result<[u8; HASH], ControlError> {
    let mut memory: Vec<Block> = Vec::with_capacity(ASKED_FOR.max(params.block_count()));
    memory.resize(params.block_count(), Block::new());
    let mut hash = [0; HASH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut hash, &mut memory)
        .map_err(ControlError::internal)?;
    Ok(hash)
}

/// Whether it is the password of this PHC string.
fn compare(password: &str, known: &str) -> Result<bool, ControlError> {
    let unreadable = || ControlError::internal(std::io::Error::other("a password's hash cannot be read"));
    let parsed = PasswordHash::new(known).map_err(ControlError::internal)?;
    let params = Params::try_from(&parsed).map_err(ControlError::internal)?;
    let (Some(salt), Some(hash)) = (&parsed.salt, &parsed.hash) else {
        return Err(unreadable());
    };
    if parsed.algorithm.as_str() != "argon2id" || hash.len() != HASH {
        return Err(unreadable());
    }
    let derived = derive(password, salt.as_ref(), params)?;
    Ok(derived.ct_eq(hash.as_bytes()).into())
}

impl Passwords {
    /// The hash of a new password, with this salt, as a PHC string.
    pub(crate) async fn hash(
        &self,
        password: Secret<String>,
        salt: [u8; SALT],
    ) -> Result<String, ControlError> {
        self.in_turn(move || {
            let (memory, rounds, lanes) = COST;
            let params = Params::new(memory, rounds, lanes, Some(HASH)).map_err(ControlError::internal)?;
            let hash = STANDARD_NO_PAD.encode(derive(password.expose(), &salt, params)?);
            let salt = STANDARD_NO_PAD.encode(salt);
            Ok(format!(
                "$argon2id$v=19$m={memory},t={rounds},p={lanes}${salt}${hash}"
            ))
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
            let fits = compare(password.expose(), known)?;
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

    #[test]
    fn a_hash_that_another_program_made_is_understood() -> Result<(), ControlError> {
        // From the command line tool of the reference implementation, with the salt `somesalt`.
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(compare("password", hash)?);
        assert!(!compare("Password", hash)?);
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
