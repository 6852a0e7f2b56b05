//! Following an operation to its end: its events, or asking again and again when they break.

use crate::client::Client;
use crate::error::Error;
use crate::events::Events;
use crate::exit::Exit;
use crate::options::Patience;
use crate::output::Terminal;
use crate::progress::Progress;
use crate::session::Session;
use domain::OperationState;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::operation::Operation;

/// First and longest pause between two questions.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// How long the server may be away while an operation is followed, for instance to be restarted.
const SERVER_AWAY: Duration = Duration::from_secs(60);

/// Follows an operation until it has ended, telling its steps.
///
/// # Errors
/// [`Error::OperationFailed`] when it failed, [`Error::Interrupted`] when the person or the time limit ended the
/// waiting.
pub(crate) async fn follow(session: &mut Session<'_>, id: &str) -> Result<Operation, Error> {
    let mut progress = session.progress();
    let ended = tokio::select! {
        ended = until_final(&session.client, session.terminal, &mut progress, id) => ended,
        () = run_out(session.patience) => Err(interrupted(id)),
        _ = tokio::signal::ctrl_c() => Err(interrupted(id)),
    };
    progress.finish();
    let operation = ended?;
    if operation.state == OperationState::Failed.as_str() {
        return Err(Error::OperationFailed {
            operation: Box::new(operation),
        });
    }
    Ok(operation)
}

fn interrupted(id: &str) -> Error {
    Error::Interrupted {
        operation: id.to_owned(),
        idempotency_key: None,
    }
}

async fn run_out(patience: Patience) {
    match patience {
        Patience::AtMost(limit) => sleep(limit).await,
        Patience::UntilItEnds | Patience::None => std::future::pending().await,
    }
}

fn is_final(operation: &Operation) -> bool {
    operation.state.parse().is_ok_and(OperationState::is_final)
}

async fn until_final(
    client: &Client,
    terminal: &mut Terminal,
    progress: &mut Progress,
    id: &str,
) -> Result<Operation, Error> {
    match stream(client, terminal, progress, id).await? {
        Some(operation) => Ok(operation),
        None => poll(client, terminal, progress, id).await,
    }
}

/// Reads the events. `None` when they broke off before a final state.
async fn stream(
    client: &Client,
    terminal: &mut Terminal,
    progress: &mut Progress,
    id: &str,
) -> Result<Option<Operation>, Error> {
    let Some(mut response) = client.events(id).await? else {
        return Ok(None);
    };
    let mut events = Events::default();
    while let Ok(Some(bytes)) = response.chunk().await {
        let Ok(complete) = events.feed(&bytes) else {
            return Ok(None);
        };
        for data in complete {
            let Ok(operation) = serde_json::from_str::<Operation>(&data) else {
                return Ok(None);
            };
            progress.tell(terminal, &operation)?;
            if is_final(&operation) {
                return Ok(Some(operation));
            }
        }
    }
    Ok(None)
}

async fn poll(
    client: &Client,
    terminal: &mut Terminal,
    progress: &mut Progress,
    id: &str,
) -> Result<Operation, Error> {
    let (mut pause, longest) = PAUSES;
    let mut last_heard = Instant::now();
    loop {
        match client.operation(id).await {
            Ok((operation, _)) => {
                last_heard = Instant::now();
                progress.tell(terminal, &operation)?;
                if is_final(&operation) {
                    return Ok(operation);
                }
            }
            Err(error) if may_pass(&error) && last_heard.elapsed() < SERVER_AWAY => {}
            Err(error) => return Err(error),
        }
        sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Whether it is worth asking again: the server is away, stumbled, or asked for patience.
pub(crate) fn may_pass(error: &Error) -> bool {
    match error {
        Error::Problem { problem, .. } => problem.status >= 500 || problem.status == 429,
        other => other.exit() == Exit::NotReachable,
    }
}
