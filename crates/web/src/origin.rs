//! Whether a browser's request comes from a page of ours, so that no other page changes anything with our cookies.

use crate::App;
use crate::problem::{Failure, Kind};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, request::Parts};
use url::Url;

/// The header in which a page of ours repeats its session's token.
const TOKEN: &str = "x-csrf-token";

/// A request that no other page than ours can have sent, for doors that need no identity: signing in, refreshing,
/// signing out. Programs that are no browsers send neither header, and have no cookies that somebody else could use.
#[derive(Debug)]
pub(crate) struct OwnPage;

/// What a browser says of where a request comes from.
#[derive(PartialEq, Eq)]
enum Source {
    Ours,
    Foreign,
    Unsaid,
}

fn source(headers: &HeaderMap, panel: &str) -> Source {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // Browsers set it, and pages cannot.
    if let Some(site) = text("sec-fetch-site") {
        return if site == "same-origin" {
            Source::Ours
        } else {
            Source::Foreign
        };
    }
    let Some(origin) = text("origin") else {
        return Source::Unsaid;
    };
    let ours = Url::parse(panel).is_ok_and(|panel| panel.origin().ascii_serialization() == origin);
    if ours { Source::Ours } else { Source::Foreign }
}

/// Checks a change that came with a cookie: it must come from a page of ours and repeat the session's token.
pub(crate) fn check_change(headers: &HeaderMap, panel: &str, token: &str) -> Result<(), Failure> {
    let repeated = headers
        .get(TOKEN)
        .is_some_and(|value| value.as_bytes() == token.as_bytes());
    // The token is a MAC of the session's identity: finding it out byte by byte would take the cookie first.
    if source(headers, panel) != Source::Foreign && repeated {
        Ok(())
    } else {
        Err(Failure::of(Kind::ForeignPage))
    }
}

impl FromRequestParts<App> for OwnPage {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        match source(&parts.headers, &app.control.settings().panel) {
            Source::Foreign => Err(Failure::of(Kind::ForeignPage)),
            Source::Ours | Source::Unsaid => Ok(Self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const PANEL: &str = "https://panel.example.com";

    fn refused(headers: &[(&'static str, &'static str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| {
            let name = axum::http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        check_change(&pairs.collect(), PANEL, "token").is_err()
    }

    #[test]
    fn a_change_needs_the_token_and_no_foreign_page() {
        assert!(!refused(&[(TOKEN, "token")]));
        assert!(!refused(&[(TOKEN, "token"), ("origin", PANEL)]));
        assert!(!refused(&[(TOKEN, "token"), ("sec-fetch-site", "same-origin")]));
        assert!(refused(&[]));
        assert!(refused(&[("origin", PANEL), ("sec-fetch-site", "same-origin")]));
        assert!(refused(&[(TOKEN, "other"), ("sec-fetch-site", "same-origin")]));
        for foreign in [
            "https://evil.example.com",
            "null",
            "http://panel.example.com",
            "https://panel.example.com:444",
        ] {
            assert!(refused(&[(TOKEN, "token"), ("origin", foreign)]), "{foreign}");
        }
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(refused(&[(TOKEN, "token"), ("sec-fetch-site", site)]), "{site}");
        }
    }
}
