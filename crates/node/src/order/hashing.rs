//! Password hashes, computed beside whatever else an order does.

use crate::error::{Code, StepFailure};
use crate::odoo::password::PasswordHash;
use crate::room::Room;
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};
use tokio::task::JoinHandle;
use wire::Plaintext;

/// A hash that is being computed.
pub(crate) struct Hashing {
    task: Mutex<Option<JoinHandle<PasswordHash>>>,
    hash: OnceCell<PasswordHash>,
}

impl Hashing {
    /// Begins to hash a password; without one, the hash fits no password.
    pub(crate) fn begin(room: &Room, password: Option<Plaintext>) -> Self {
        let permits = Arc::clone(&room.hashing);
        let task = tokio::spawn(async move {
            let Some(password) = password else {
                return PasswordHash::unusable();
            };
            // Nothing closes this semaphore.
            let _permit = permits.acquire().await.ok();
            tokio::task::spawn_blocking(move || PasswordHash::of(&password))
                .await
                // Only the end of the program stops a blocking task.
                .unwrap_or_else(|_| PasswordHash::unusable())
        });
        Self {
            task: Mutex::new(Some(task)),
            hash: OnceCell::new(),
        }
    }

    /// Waits for the hash; asked again, gives the same.
    ///
    /// # Errors
    /// When the hashing was stopped with the program.
    pub(crate) async fn finished(&self) -> Result<&PasswordHash, StepFailure> {
        let failed = || StepFailure::new(Code::Internal, "The password could not be hashed. Try again.");
        self.hash
            .get_or_try_init(|| async {
                let task = self.task.lock().await.take().ok_or_else(failed)?;
                task.await.map_err(|_| failed())
            })
            .await
    }
}
