//! How a started child is known to be ready to work.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How often readiness is looked for.
const LOOK: Duration = Duration::from_millis(20);
/// How long one connection may take, so that a port that swallows packets cannot eat the whole deadline.
const ONE_TRY: Duration = Duration::from_secs(5);

/// How a child is known to be ready.
#[derive(Clone, Debug)]
pub enum Ready {
    /// As soon as it is started.
    Started,
    /// When this port of 127.0.0.1 accepts a connection.
    TcpPort(u16),
    /// When `GET path` on this port of 127.0.0.1 is answered with a status from 200 to 399.
    HttpGet {
        /// Port of 127.0.0.1.
        port: u16,
        /// Absolute path, with its query if any.
        path: String,
    },
    /// When this check says so.
    Check(Check),
}

/// A quick check of one's own, called with the child's process id; it must not block.
#[derive(Clone)]
pub struct Check(Arc<dyn Fn(u32) -> bool + Send + Sync>);

impl Check {
    /// A check from a function.
    pub fn new(check: impl Fn(u32) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(check))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Check")
    }
}

impl Ready {
    /// Waits, for ever if need be, until the child of this id is ready.
    pub(crate) async fn wait(&self, pid: u32) {
        while !self.holds(pid).await {
            sleep(LOOK).await;
        }
    }

    async fn holds(&self, pid: u32) -> bool {
        match self {
            Self::Started => true,
            Self::Check(check) => (check.0)(pid),
            Self::TcpPort(port) => connects(*port).await,
            Self::HttpGet { port, path } => {
                matches!(timeout(ONE_TRY, status(*port, path)).await, Ok(Some(200..=399)))
            }
        }
    }

    /// The port that a stranger answers on before the child was even started, if that is so.
    pub(crate) async fn taken_port(&self) -> Option<u16> {
        let (Self::TcpPort(port) | Self::HttpGet { port, .. }) = self else {
            return None;
        };
        connects(*port).await.then_some(*port)
    }
}

async fn connects(port: u16) -> bool {
    matches!(
        timeout(ONE_TRY, TcpStream::connect(("127.0.0.1", port))).await,
        Ok(Ok(_))
    )
}

/// The status of an answer. HTTP/1.0, because only its first line is wanted.
async fn status(port: u16, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = Vec::new();
    while head.len() < "HTTP/1.1 200".len() {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head);
    head.strip_prefix("HTTP/")?
        .split_whitespace()
        .nth(1)?
        .get(..3)?
        .parse()
        .ok()
}
