//! Options that every command over the API takes.

use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Where the server is, how long to wait, and how to answer. The API key is never an option, because
/// a command line can be seen by others.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Server and output")]
pub struct Options {
    /// The server's address; without it TENANTRY_SERVER, then the local installation's.
    ///
    /// The API key is read from TENANTRY_API_KEY, or from the local.json that belongs to the server.
    #[arg(long, global = true, value_name = "URL", conflicts_with_all = ["local", "data"])]
    pub server: Option<Url>,
    /// A local.json, as `tenantry up` writes it, with the server's address and a key.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "data")]
    pub local: Option<PathBuf>,
    /// The data directory of a local installation, which holds a local.json.
    ///
    /// Without this, --local and --server, the first that exists is used of: $TENANTRY_DATA,
    /// ./.data, ~/.local/share/tenantry, /var/lib/tenantry.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print the server's JSON answer and nothing else; errors are problem JSON on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// Show no progress and no hints.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// The language of the server's messages; by default that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long = "language", global = true, value_name = "LANGUAGE")]
    pub spoken: Option<Spoken>,
    /// Wait at most so many seconds for an operation; 0 does not wait at all. By default until it ends.
    #[arg(long, global = true, value_name = "SECONDS")]
    pub wait: Option<u64>,
}

impl Options {
    /// How long to wait for an operation.
    pub(crate) fn patience(&self) -> Patience {
        match self.wait {
            None => Patience::UntilItEnds,
            Some(0) => Patience::None,
            Some(seconds) => Patience::AtMost(Duration::from_secs(seconds)),
        }
    }
}

/// How long to wait for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    UntilItEnds,
    AtMost(Duration),
    None,
}

/// A language that the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Spoken {
    /// Spanish.
    Es,
    /// English.
    En,
}

impl Spoken {
    /// The language of a POSIX locale such as `es_DO.UTF-8`; English for all but Spanish.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("es") {
            Self::Es
        } else {
            Self::En
        }
    }

    /// The value for `Accept-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }
}

/// A name or identifier that goes into an address's path: one segment of it, and not an empty one.
pub(crate) fn path_name(text: &str) -> Result<String, String> {
    let odd = |character: char| character == '/' || character.is_control() || character.is_whitespace();
    if text.is_empty() || text == "." || text == ".." || text.contains(odd) {
        Err("must be a name, without spaces and slashes".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_locale() {
        for (locale, expected) in [
            ("es_DO.UTF-8", Spoken::Es),
            ("es", Spoken::Es),
            ("est_EE", Spoken::En),
            ("C", Spoken::En),
            ("", Spoken::En),
        ] {
            assert_eq!(Spoken::of_locale(locale), expected, "{locale}");
        }
    }

    #[test]
    fn a_name_cannot_climb_out_of_its_path() {
        for text in ["", ".", "..", "a/b", "a b", "a\n"] {
            assert!(path_name(text).is_err(), "{text:?}");
        }
        assert_eq!(path_name("acme"), Ok("acme".to_owned()));
    }
}
