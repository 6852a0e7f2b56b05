//! A broken rule, named with its place.

use std::fmt;

/// A rule that was broken somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file, relative to the repository, with its line where there is one.
    pub(crate) place: String,
    /// The rule's short name, the one of its source file.
    pub(crate) rule: &'static str,
    /// What is wrong and what to do.
    pub(crate) detail: String,
}

impl Finding {
    pub(crate) fn new(rule: &'static str, place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            rule,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}: {}", self.place, self.rule, self.detail)
    }
}
