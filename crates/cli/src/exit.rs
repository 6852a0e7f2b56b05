//! Exit codes: what a script may rely on.

use std::process::ExitCode;

/// How a command ended, as the shell sees it. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something that nobody expected; a report is welcome.
    Unexpected = 1,
    /// The command line or the configuration is wrong. clap uses the same number.
    Usage = 2,
    /// There is no such tenant, key, operation.
    NotFound = 3,
    /// The server refused the input, or the confirmation was wrong.
    Refused = 4,
    /// Something else stands in the way: the name is taken, another operation is under way.
    Conflict = 5,
    /// The API key is missing, wrong or too weak (401, 403).
    NotAllowed = 6,
    /// The operation was accepted and failed; what it had done was undone.
    OperationFailed = 7,
    /// The server did not answer.
    NotReachable = 8,
    /// The command stopped waiting; the operation goes on.
    Interrupted = 9,
    /// A check found that something was changed behind the program's back.
    Broken = 10,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The code for an HTTP status that is not a success.
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::NotAllowed,
            404 | 410 => Self::NotFound,
            409 | 412 => Self::Conflict,
            400..=499 => Self::Refused,
            // A proxy before a server that is down says so; the server itself says 503 while its database is away.
            502..=504 => Self::NotReachable,
            _ => Self::Unexpected,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The end of every command's `--help`.
macro_rules! exit_codes_text {
    () => {
        "Exit codes:\n  \
         0  done\n  \
         1  unexpected\n  \
         2  wrong usage or configuration\n  \
         3  not found\n  \
         4  refused: bad input or wrong confirmation\n  \
         5  conflict: name taken, another operation under way\n  \
         6  not allowed: API key missing, wrong or too weak\n  \
         7  the operation failed, and what it had done was undone\n  \
         8  the server is not reachable\n  \
         9  stopped waiting; the operation goes on\n  \
         10 a check found something that is not as it was\n"
    };
}

/// The text that follows a command's options: examples, then the exit codes.
macro_rules! examples {
    ($($line:literal),+ $(,)?) => {
        concat!("Examples:\n", $("  ", $line, "\n",)+ "\n", $crate::exit::exit_codes_text!())
    };
}

pub(crate) use {examples, exit_codes_text};

/// The exit codes in words, for the binary's own `--help`.
pub const EXIT_CODES: &str = exit_codes_text!();
