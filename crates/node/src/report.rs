//! Does one command and tells the server about it: its steps on the way, its outcome until it is heard.

use crate::client::ServerClient;
use crate::error::{NodeError, chain};
use crate::node::Node;
use crate::random;
use domain::CommandId;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use wire::node::{Command, Outcome};
use wire::operation::OperationStep;

/// How often the steps so far are told at most.
const PROGRESS_EVERY: Duration = Duration::from_millis(150);
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Does a command and reports it. Returns when the server has heard of it or no longer wants to.
pub(crate) async fn execute(
    node: &Node,
    server: &ServerClient,
    command: Command,
    shutdown: &CancellationToken,
) {
    let id = command.id;
    let (progress, steps) = watch::channel(Vec::new());
    let outcome = tokio::select! {
        outcome = node.execute(command, &progress) => outcome,
        // Never ends by itself: `progress` lives as long as this function.
        () = tell_progress(server, id, steps) => return,
    };
    tell_outcome(server, id, &outcome, shutdown).await;
}

async fn tell_progress(server: &ServerClient, id: CommandId, mut steps: watch::Receiver<Vec<OperationStep>>) {
    loop {
        sleep(PROGRESS_EVERY).await;
        if steps.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let now = steps.borrow_and_update().clone();
        if let Err(error) = server.progress(id, now).await {
            tracing::debug!(command = %id, error = chain(&error), "progress not told");
        }
    }
}

/// Repeats the outcome until the server takes it. A stop gives it up: the journal has it, and the server asks again.
async fn tell_outcome(server: &ServerClient, id: CommandId, outcome: &Outcome, shutdown: &CancellationToken) {
    let mut pause = PAUSE;
    loop {
        match server.outcome(id, outcome).await {
            Ok(()) => return,
            Err(NodeError::ServerRefused {
                status: status @ (404 | 409 | 410),
                ..
            }) => {
                tracing::warn!(command = %id, status, "the server no longer wants this outcome");
                return;
            }
            Err(error) => tracing::debug!(command = %id, error = chain(&error), "outcome not told"),
        }
        tokio::select! {
            () = sleep(jittered(pause)) => {}
            () = shutdown.cancelled() => return,
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// A pause between half of this one and all of it, so that many nodes do not come back at the same moment.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + random::fraction() / 2.0)
}
