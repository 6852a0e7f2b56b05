//! Waiting for an operation to end or to move.

use crate::{Caller, Control, ControlError};
use domain::OperationId;
use std::time::Duration;
use store::{OperationRecord, Signal};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Instant;

/// How often to look even when nobody signals: the net under lost signals.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl Control {
    /// Waits until the operation has ended, at most `patience`; gives it as it is then.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is no such operation.
    pub async fn wait(
        &self,
        caller: &Caller,
        id: OperationId,
        patience: Duration,
    ) -> Result<OperationRecord, ControlError> {
        let deadline = Instant::now() + patience;
        let mut signals = self.signals.subscribe();
        loop {
            let record = match self.operation(caller, id).await {
                Ok(record) => record,
                // The operation goes on without us, so a connection that broke is no reason to give up on it.
                Err(ControlError::Unavailable(_)) if Instant::now() < deadline => {
                    moved(&mut signals, id, deadline.min(Instant::now() + LOOK_AGAIN)).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if record.state.is_final() || Instant::now() >= deadline {
                return Ok(record);
            }
            moved(&mut signals, id, deadline.min(Instant::now() + LOOK_AGAIN)).await;
        }
    }

    /// Waits until the operation differs from `known`; gives it as it is then.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is no such operation.
    pub async fn next_change(
        &self,
        caller: &Caller,
        known: &OperationRecord,
    ) -> Result<OperationRecord, ControlError> {
        let mut signals = self.signals.subscribe();
        loop {
            let record = self.operation(caller, known.id).await?;
            if record.state != known.state || record.steps != known.steps {
                return Ok(record);
            }
            moved(&mut signals, known.id, Instant::now() + LOOK_AGAIN).await;
        }
    }
}

/// Returns when the operation may have moved, or at the deadline.
async fn moved(signals: &mut Receiver<Signal>, id: OperationId, deadline: Instant) {
    let signalled = async {
        loop {
            match signals.recv().await {
                Ok(Signal::Operation(moved)) if moved != id => {}
                Ok(Signal::Node(_) | Signal::Answer(_) | Signal::Settings | Signal::Jobs) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    // Reaching the deadline is as good a reason to look as a signal.
    let _ = tokio::time::timeout_at(deadline, signalled).await;
}
