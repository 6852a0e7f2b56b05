//! What a supervised child is doing, as others are told.

use std::fmt;
use std::process::ExitStatus;
use std::time::{Duration, SystemTime};

/// The state of a supervised child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is being started or is not ready yet.
    Starting,
    /// It is ready.
    Running {
        /// Process id.
        pid: u32,
        /// When it was found ready.
        since: SystemTime,
    },
    /// It ended and will be started again.
    Backoff {
        /// How its last life ended.
        last: Ending,
        /// The pause before the next life, counted from the change to this state.
        next_in: Duration,
        /// Short lives in a row.
        failures: u32,
    },
    /// It was stopped and stays so.
    Stopped,
}

/// How a child's life ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It exited with this code.
    Exited(i32),
    /// A signal ended it.
    Killed(i32),
    /// It was ended because it was not ready in this time.
    NotReady(Duration),
    /// It could not be started.
    NotStarted(String),
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, signal) => Self::Killed(signal.unwrap_or_default()),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(formatter, "exited with code {code}"),
            Self::Killed(signal) => write!(formatter, "was ended by signal {signal}"),
            Self::NotReady(time) => write!(formatter, "was not ready after {} s", time.as_secs_f32()),
            Self::NotStarted(reason) => write!(formatter, "could not be started: {reason}"),
        }
    }
}

/// What a start that is waited for has come to; given at each change and at least four times a second.
#[derive(Debug)]
pub struct Progress<'a> {
    /// The child's name.
    pub name: &'a str,
    /// Since the start was asked for.
    pub elapsed: Duration,
    /// The state now.
    pub state: &'a State,
}
