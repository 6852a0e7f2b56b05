//! Looking after databases: what is under way, and how it is told to stop.

use domain::CommandId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Databases that are looked after at once: it takes the disk's time, and tenants' users come first.
const AT_ONCE: usize = 1;

/// What is under way.
#[derive(Debug)]
pub(crate) struct UnderWay {
    /// Whoever looks after a database has a place here.
    pub(crate) places: Semaphore,
    commands: Mutex<HashMap<CommandId, CancellationToken>>,
}

impl Default for UnderWay {
    fn default() -> Self {
        Self {
            places: Semaphore::new(AT_ONCE),
            commands: Mutex::default(),
        }
    }
}

impl UnderWay {
    fn commands(&self) -> MutexGuard<'_, HashMap<CommandId, CancellationToken>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a command as one that can be stopped, until what this gives is dropped.
    pub(crate) fn begin(&self, command: CommandId) -> Stoppable<'_> {
        let stop = self.commands().entry(command).or_default().clone();
        Stoppable {
            list: self,
            command,
            stop,
        }
    }

    /// Tells a command to stop; whether it is under way.
    pub(crate) fn stop(&self, command: CommandId) -> bool {
        let known = self.commands().get(&command).cloned();
        known.inspect(CancellationToken::cancel).is_some()
    }
}

/// A command that can be stopped.
#[derive(Debug)]
pub(crate) struct Stoppable<'a> {
    list: &'a UnderWay,
    command: CommandId,
    stop: CancellationToken,
}

impl Stoppable<'_> {
    /// Waits until it is told to stop.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Whether it was.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        self.list.commands().remove(&self.command);
    }
}
