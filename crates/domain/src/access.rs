//! What an API key may do. Staff keys only, until people can sign in.

use crate::rule::Rule;
use std::{fmt, str::FromStr};

/// The reach of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything that staff may do.
    Full,
    /// Reading only.
    ReadOnly,
}

/// What a request wants to do, as far as scopes tell the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Look at something.
    Read,
    /// Change something.
    Change,
}

impl Scope {
    /// Whether a key of this scope may do it.
    pub const fn allows(self, intent: Intent) -> bool {
        matches!((self, intent), (Self::Full, _) | (Self::ReadOnly, Intent::Read))
    }

    /// The name in the API, the CLI and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ReadOnly => "read-only",
        }
    }
}

impl FromStr for Scope {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        match text {
            "full" => Ok(Self::Full),
            "read-only" => Ok(Self::ReadOnly),
            _ => Err(Rule::OneOf {
                allowed: "full, read-only".to_owned(),
            }),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
