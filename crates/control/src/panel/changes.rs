//! Being told when something changes that one may see.

use crate::{Caller, Control, ControlError};
use domain::Action;
use std::time::Duration;
use store::{OperationRecord, Signal};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Instant;

/// What has changed.
#[derive(Clone, Debug)]
pub enum Change {
    /// An operation moved.
    Operation(Box<OperationRecord>),
    /// Settings, or the control plane's own work.
    Other,
    /// Something may have been missed: look at everything again.
    Gap,
}

/// Changes as they come.
#[derive(Debug)]
pub struct Changes {
    control: Control,
    caller: Caller,
    signals: Receiver<Signal>,
    is_staff: bool,
}

impl Control {
    /// Begins to listen to what changes of what the caller may see.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for whoever sees no tenants.
    pub fn changes(&self, caller: &Caller) -> Result<Changes, ControlError> {
        caller.reach(Action::ReadTenants)?;
        Ok(Changes {
            control: self.clone(),
            caller: caller.clone(),
            signals: self.signals.subscribe(),
            is_staff: caller.principal.may_everywhere(Action::ReadNodes),
        })
    }
}

impl Changes {
    /// The next change, or nothing when there was none for so long.
    pub async fn next(&mut self, patience: Duration) -> Option<Change> {
        let deadline = Instant::now() + patience;
        loop {
            let signal = tokio::time::timeout_at(deadline, self.signals.recv())
                .await
                .ok()?;
            match signal {
                Ok(Signal::Operation(id)) => {
                    // Whose operation the caller may not see, that one did not move for them.
                    if let Ok(record) = self.control.operation(&self.caller, id).await {
                        return Some(Change::Operation(Box::new(record)));
                    }
                }
                Ok(Signal::Settings | Signal::Jobs) if self.is_staff => return Some(Change::Other),
                Ok(Signal::Gap) | Err(RecvError::Lagged(_)) => return Some(Change::Gap),
                Ok(Signal::Node(_) | Signal::Answer(_) | Signal::Settings | Signal::Jobs) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
