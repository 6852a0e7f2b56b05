//! What a place of objects can refuse, sorted by what a person would do about it.

use std::error::Error as _;
use thiserror::Error;

/// What a person would do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It does not answer, or the line was cut: it may be better later.
    Away,
    /// It does not take the credentials, or they do not let us do this.
    Denied,
    /// There is no room left.
    Full,
    /// There is no such object, or no such bucket.
    Missing,
    /// It refused for another reason.
    Refused,
}

/// A place of objects did not do what it was asked.
#[derive(Debug, Error)]
#[error("{name}: {words}", words = .trouble.words())]
pub struct ObjectsError {
    /// What it was about.
    pub name: String,
    /// What a person would do about it.
    pub trouble: Trouble,
    source: Option<object_store::Error>,
}

impl Trouble {
    const fn words(self) -> &'static str {
        match self {
            Self::Away => "the store does not answer, or the line was cut",
            Self::Denied => "the store does not take the credentials for this",
            Self::Full => "the store has no room left",
            Self::Missing => "the store has no such object or bucket",
            Self::Refused => "the store refused it",
        }
    }
}

impl ObjectsError {
    pub(crate) fn new(name: &str, source: object_store::Error) -> Self {
        Self {
            name: name.to_owned(),
            trouble: sort(&source),
            source: Some(source),
        }
    }

    pub(crate) fn too_large(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            trouble: Trouble::Refused,
            source: None,
        }
    }

    pub(crate) fn full(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            trouble: Trouble::Full,
            source: None,
        }
    }

    /// What the store's client said, on one line and without more than a person reads.
    pub fn detail(&self) -> String {
        let mut said = String::new();
        let mut cause = self.source.as_ref().and_then(|source| source.source());
        while let Some(error) = cause {
            said = error.to_string();
            cause = error.source();
        }
        let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().take(300).collect()
    }
}

fn sort(error: &object_store::Error) -> Trouble {
    match error {
        object_store::Error::NotFound { .. } => Trouble::Missing,
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Trouble::Denied
        }
        other => by_causes(other),
    }
}

/// Most of what can go wrong comes as "generic", and its causes tell more.
fn by_causes(error: &object_store::Error) -> Trouble {
    let mut cause = Some(error as &dyn std::error::Error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => return Trouble::Full,
                std::io::ErrorKind::PermissionDenied => return Trouble::Denied,
                _ => {}
            }
        }
        cause = error.source();
    }
    let words = format!("{error:?}");
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if says(&[
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "AccessDenied",
        "403",
    ]) {
        Trouble::Denied
    } else if says(&["NoSuchBucket"]) {
        Trouble::Missing
    } else if says(&["QuotaExceeded", "StorageFull", "InsufficientStorage", "507"]) {
        Trouble::Full
    } else if says(&[
        "Connect",
        "connect",
        "Timeout",
        "timed out",
        "Request",
        "503",
        "500",
        "502",
        "504",
        "reset",
    ]) {
        Trouble::Away
    } else {
        Trouble::Refused
    }
}
