//! The name of a provider, which is also where it is asked.

use crate::address::Reach;
use domain::Rule;
use std::fmt;
use url::Url;

/// Longest issuer, in bytes.
const LONGEST: usize = 255;

/// An issuer: `https://`, no query, no fragment; as its provider writes it, to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer(String);

impl Issuer {
    /// Takes an issuer that may be asked within this reach.
    ///
    /// # Errors
    /// [`Rule::Issuer`] for any other text.
    pub fn check(text: &str, reach: Reach) -> Result<Self, Rule> {
        let url = Url::parse(text).map_err(|_| Rule::Issuer)?;
        // A URL is read without the control characters around it, and kept it would not be the same text.
        let printable = text.chars().all(|c| c.is_ascii_graphic());
        let sound = text.len() <= LONGEST && url.query().is_none() && printable;
        match sound && reach.check(&url, "issuer").is_ok() {
            true => Ok(Self(text.to_owned())),
            false => Err(Rule::Issuer),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the provider describes itself.
    pub(crate) fn discovery(&self) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            self.0.trim_end_matches('/')
        )
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_kept_to_the_letter_and_asked_below_it() {
        let issuer = Issuer::check("https://login.example.com/realm/", Reach::Public).expect("it is sound");
        assert_eq!(issuer.as_str(), "https://login.example.com/realm/");
        assert_eq!(
            issuer.discovery(),
            "https://login.example.com/realm/.well-known/openid-configuration"
        );
    }

    #[test]
    fn what_is_no_issuer_is_refused() {
        for text in [
            "\u{f}\0https://login.example.com",
            "https://login.example.com\u{1}",
            "https://iniciar-sesión.example.com",
            "",
            "login.example.com",
            "https://a.example.com?x=1",
            "https://a.example.com/#x",
            "http://a.example.com",
            " https://a.example.com",
            "https://a.example.com/ b",
            "https://192.168.0.1",
        ] {
            assert_eq!(Issuer::check(text, Reach::Public), Err(Rule::Issuer), "{text}");
        }
    }
}
