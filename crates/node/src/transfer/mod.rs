//! A tenant on its way from one node to another: one stream, relayed by the server and stored nowhere on the way.
//!
//! It is a tar archive with an end mark that holds its SHA-256 (`seal.rs`): a stream that was cut is never taken for whole.
//! Its entries, in order: `head.json`, pieces of the dump as `database/…`, files as `files/…`, the `manifest` of all files.

pub(crate) mod bridge;
pub(crate) mod content;
pub(crate) mod incoming;
pub(crate) mod outgoing;
pub(crate) mod seal;
mod server;

use crate::error::{Code, NodeError, StepFailure};
use domain::TransferId;
use std::pin::Pin;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncRead, DuplexStream};
use tokio::time::{Instant, sleep};

/// Bytes between the writer of a stream and the network.
pub(crate) const BUFFER: usize = 256 << 10;
/// How long one end looks for the other.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// What comes of carrying.
pub type Carried<'a, T> = Pin<Box<dyn Future<Output = Result<T, CarryError>> + Send + 'a>>;
/// A stream that comes in.
pub type Incoming = Box<dyn AsyncRead + Send + Unpin>;

/// Why a stream was not carried.
#[derive(Debug, Error)]
pub enum CarryError {
    /// The other end is not there yet.
    #[error("the other node is not there yet")]
    Alone,
    /// Nobody wants the transfer any more.
    #[error("the transfer is over")]
    Over,
    /// The line was cut.
    #[error("the line was cut")]
    Cut(#[source] NodeError),
}

/// Who carries streams between nodes: the server, and in tests something on the same machine.
pub trait Carrier: Send + Sync {
    /// Carries a stream to the other node; ends when the other node has all of it.
    fn send(&self, transfer: TransferId, body: DuplexStream) -> Carried<'_, ()>;

    /// Opens the stream that the other node sends.
    fn receive(&self, transfer: TransferId) -> Carried<'_, Incoming>;
}

/// How long one end goes on looking for the other. A stream that flowed begins the time anew.
pub(crate) struct Search {
    until: Instant,
}

impl Search {
    pub(crate) fn begin() -> Self {
        Self {
            until: Instant::now() + PATIENCE,
        }
    }

    /// Waits before the next try, or says why there is none.
    pub(crate) async fn again(&mut self, begun: Instant, error: CarryError) -> Result<(), StepFailure> {
        if matches!(error, CarryError::Over) {
            return Err(broken("The other node has ended its part.", None));
        }
        let now = Instant::now();
        if now.duration_since(begun) > PATIENCE / 2 {
            self.until = now + PATIENCE;
        }
        if now >= self.until {
            let source = match error {
                CarryError::Cut(source) => Some(source),
                _ => None,
            };
            return Err(broken("The other node was not met in time.", source));
        }
        sleep(PAUSE).await;
        Ok(())
    }
}

/// The transfer did not come to its end; it may be tried again.
pub(crate) fn broken(words: &str, source: Option<NodeError>) -> StepFailure {
    StepFailure {
        code: Code::TransferBroken,
        detail: format!("{words} Nothing was changed for the tenant's users."),
        source,
    }
}
