//! What the program under test logs, down to the last detail if a test wants it.

use super::Outcome;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

static LOG: OnceLock<Log> = OnceLock::new();

/// What was logged so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Begins to keep the log: what an operator would see.
pub fn capture() {
    capture_down_to(tracing::Level::INFO);
}

/// Begins to keep the log at this level. The first to ask decides for the process.
pub fn capture_down_to(level: tracing::Level) {
    LOG.get_or_init(|| {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        // Whoever set one before keeps it; then this log stays empty and the test of secrets says so.
        let _ = tracing::subscriber::set_global_default(subscriber);
        log
    });
}

/// The log so far.
pub fn text() -> String {
    let bytes = LOG
        .get()
        .map(|log| log.0.lock().unwrap_or_else(PoisonError::into_inner).clone());
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

/// What sqlx says of a transaction whose client went away while it was being committed, of a busy machine, and of a
/// connection that was on its way back to the pool when the test took its database away.
const HARMLESS: [&str; 5] = [
    "sqlx_core::pool::connection: error occurred while testing the connection on-release",
    "sqlx::postgres::notice: there is no transaction in progress",
    "sqlx::pool::acquire: acquired connection, but time to acquire exceeded slow threshold",
    "slow statement: execution time exceeded alert threshold",
    "pool timed out while waiting for an open connection",
];

/// Refuses warnings and errors other than those that hold one of these words. Only where every test has a
/// process of its own (nextest) can a line be told to be this test's.
pub fn nothing_but(expected: &[&str]) -> Outcome {
    if std::env::var_os("NEXTEST").is_none() {
        return Ok(());
    }
    let text = text();
    let harmless = |line: &str| HARMLESS.iter().any(|words| line.contains(words));
    let bad = |line: &&str| (line.contains(" WARN ") || line.contains(" ERROR ")) && !harmless(line);
    let surprise = text
        .lines()
        .filter(bad)
        .find(|line| !expected.iter().any(|words| line.contains(words)));
    surprise.map_or(Ok(()), |line| Err(format!("the log complains: {line}").into()))
}
