//! The signals that children are sent.

use std::fmt;
use std::str::FromStr;

/// A signal for a child process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Read the configuration again (PostgreSQL, nginx).
    HUP,
    /// PostgreSQL: fast shutdown. Odoo: graceful stop.
    INT,
    /// PostgreSQL: immediate shutdown. nginx: graceful stop.
    QUIT,
    /// The ordinary request to end.
    TERM,
    /// Ends a process without asking it.
    KILL,
    /// Left to the program; nginx opens its logs again.
    USR1,
    /// Left to the program; nginx upgrades its binary.
    USR2,
}

impl Signal {
    const ALL: [Self; 7] = [
        Self::HUP,
        Self::INT,
        Self::QUIT,
        Self::TERM,
        Self::KILL,
        Self::USR1,
        Self::USR2,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HUP => "HUP",
            Self::INT => "INT",
            Self::QUIT => "QUIT",
            Self::TERM => "TERM",
            Self::KILL => "KILL",
            Self::USR1 => "USR1",
            Self::USR2 => "USR2",
        }
    }

    pub(crate) fn number(self) -> rustix::process::Signal {
        match self {
            Self::HUP => rustix::process::Signal::HUP,
            Self::INT => rustix::process::Signal::INT,
            Self::QUIT => rustix::process::Signal::QUIT,
            Self::TERM => rustix::process::Signal::TERM,
            Self::KILL => rustix::process::Signal::KILL,
            Self::USR1 => rustix::process::Signal::USR1,
            Self::USR2 => rustix::process::Signal::USR2,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SIG{}", self.name())
    }
}

impl FromStr for Signal {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|signal| signal.name() == text)
            .ok_or(())
    }
}
