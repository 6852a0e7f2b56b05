//! What a place of objects can refuse, sorted by what a person would do about it.

use std::error::Error as _;
use std::io::{self, ErrorKind};
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

    /// What the library has no words for.
    pub(crate) fn odd(name: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = object_store::Error::Generic {
            store: "S3",
            source: source.into(),
        };
        Self::new(name, source)
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
        // Of what S3 answers, the sentence for people.
        let message = said
            .split_once("<Message>")
            .and_then(|(_, rest)| rest.split_once("</Message>"));
        let said = message.map_or(said.as_str(), |(message, _)| message);
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

/// Most of what can go wrong comes as "generic", and its causes tell more. Their words hold names and addresses, too, so that a number
/// counts only where it stands as a status.
fn by_causes(error: &object_store::Error) -> Trouble {
    let mut words = String::new();
    let mut cause = Some(error as &dyn std::error::Error);
    while let Some(error) = cause {
        if let Some(trouble) = error.downcast_ref::<io::Error>().and_then(of_io) {
            return trouble;
        }
        words.push_str(&error.to_string());
        words.push('\n');
        cause = error.source();
    }
    by_words(&words)
}

fn of_io(error: &io::Error) -> Option<Trouble> {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(Trouble::Full),
        ErrorKind::PermissionDenied => Some(Trouble::Denied),
        ErrorKind::ConnectionRefused
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::NotConnected
        | ErrorKind::BrokenPipe
        | ErrorKind::TimedOut
        | ErrorKind::UnexpectedEof => Some(Trouble::Away),
        _ => None,
    }
}

fn by_words(words: &str) -> Trouble {
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if says(&["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"]) {
        return Trouble::Denied;
    }
    if says(&["NoSuchBucket", "NoSuchObjectLockConfiguration"]) {
        return Trouble::Missing;
    }
    if says(&["QuotaExceeded", "StorageFull", "InsufficientStorage"]) {
        return Trouble::Full;
    }
    match status(words) {
        Some(401 | 403) => Trouble::Denied,
        Some(404) => Trouble::Missing,
        Some(507) => Trouble::Full,
        Some(408 | 429 | 500..=599) => Trouble::Away,
        Some(_) => Trouble::Refused,
        None if says(&["onnect", "Timeout", "timed out", "error sending request", "reset"]) => Trouble::Away,
        None => Trouble::Refused,
    }
}

/// The status that the store answered with, as its client tells it.
fn status(words: &str) -> Option<u16> {
    let (_, rest) = words.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name in which there are numbers that mean something elsewhere.
    const NAME: &str = "tenants/403ac507/503";

    fn generic(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> object_store::Error {
        object_store::Error::Generic {
            store: "S3",
            source: source.into(),
        }
    }

    #[test]
    fn numbers_in_names_mean_nothing() {
        let told = |status: &str| format!("Error performing PUT http://127.0.0.1:4030/{NAME} - {status}");
        let answered = |status: &str| told(&format!("Server returned non-2xx status code: {status}: "));
        for (words, trouble) in [
            (answered("403 Forbidden"), Trouble::Denied),
            (answered("507 Insufficient Storage"), Trouble::Full),
            (answered("503 Service Unavailable"), Trouble::Away),
            (answered("400 Bad Request"), Trouble::Refused),
            (told("HTTP error: error sending request"), Trouble::Away),
            (told("it is odd"), Trouble::Refused),
        ] {
            assert_eq!(sort(&generic(words.clone())), trouble, "{words}");
        }
    }

    #[test]
    fn of_an_answer_in_xml_the_sentence_is_told() {
        let answer = "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?><Error>\
                      <Code>SignatureDoesNotMatch</Code><Message>Check your key.</Message></Error>";
        let error = ObjectsError::new("a", generic(answer));
        assert_eq!(
            (error.trouble, error.detail().as_str()),
            (Trouble::Denied, "Check your key.")
        );
    }

    #[test]
    fn a_line_that_is_refused_is_no_full_store() {
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        assert_eq!(sort(&generic(refused)), Trouble::Away);
        assert_eq!(
            sort(&generic(io::Error::from(ErrorKind::StorageFull))),
            Trouble::Full
        );
    }
}
