//! An origin as browsers write it: scheme, host and port, nothing behind.

use crate::rule::Rule;
use std::{fmt, str::FromStr};

/// An origin (RFC 6454), in lower case and without a default port, as it comes in the header `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (1..=253).contains(&host.len()) && host.split('.').all(label)
}

impl FromStr for Origin {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(Rule::Origin)?;
        let usual = match scheme {
            "https" => "443",
            "http" => "80",
            _ => return Err(Rule::Origin),
        };
        let (host, port) = rest.split_once(':').unwrap_or((rest, usual));
        let number: u16 = port.parse().map_err(|_| Rule::Origin)?;
        if !is_host(host) || number == 0 || port != number.to_string() {
            return Err(Rule::Origin);
        }
        Ok(Self(if port == usual {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{port}")
        }))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() -> Result<(), Rule> {
        for (given, kept) in [
            ("https://Panel.Example.com", "https://panel.example.com"),
            ("https://panel.example.com:443", "https://panel.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
        ] {
            assert_eq!(given.parse::<Origin>()?.as_str(), kept);
        }
        for bad in [
            "",
            "*",
            "null",
            "ftp://example.com",
            "https://",
            "https://*.example.com",
            "https://a.com/",
            "https://a.com:0",
            "https://a.com:99999",
            "https://user@a.com",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(Rule::Origin), "{bad}");
        }
        Ok(())
    }
}
