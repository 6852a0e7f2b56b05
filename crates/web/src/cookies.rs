//! The two cookies of somebody who signed in.
//!
//! Over https their names bind them: `__Host-` cannot be set by another host of the same domain, where customers' Odoo
//! runs, nor over plain http. Only a panel on this machine's loopback, as in development, has them without `Secure`.

use axum::http::{HeaderMap, HeaderValue, header};
use control::Tokens;
use url::{Host, Url};
use wire::Plaintext;

/// Where the refresh token is sent: to where it is used, and to where a session ends.
const REFRESH_PATH: &str = "/api/auth";
/// The cookie of a browser that is on its way to an identity provider and back. The way back comes from the provider's
/// page, so that it cannot be `Strict`.
const BROWSER_PLACE: &str = "/; SameSite=Lax";
/// Names that an older system used, with their paths; they are taken away at sign-out.
const FORMER: [&str; 3] = ["access_token", "refresh_token", "token"];

/// How cookies are set on this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookies {
    /// With `Secure` and names that say so.
    Secure,
    /// For plain http on loopback.
    Loopback,
}

impl Cookies {
    /// Those of a panel at this address.
    pub(crate) fn of(panel: &str) -> Self {
        let Ok(url) = Url::parse(panel) else {
            return Self::Secure;
        };
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() == "http" && loopback {
            true => Self::Loopback,
            false => Self::Secure,
        }
    }

    const fn access_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-access_token",
            Self::Loopback => "access_token",
        }
    }

    const fn refresh_name(self) -> &'static str {
        match self {
            Self::Secure => "__Secure-refresh_token",
            Self::Loopback => "refresh_token",
        }
    }

    const fn browser_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-sso",
            Self::Loopback => "sso",
        }
    }

    const fn secure(self) -> &'static str {
        match self {
            Self::Secure => "; Secure",
            Self::Loopback => "",
        }
    }

    /// The access token that came with the request.
    pub(crate) fn access(self, headers: &HeaderMap) -> Option<Plaintext> {
        named(headers, self.access_name())
    }

    /// The refresh token that came with the request.
    pub(crate) fn refresh(self, headers: &HeaderMap) -> Option<Plaintext> {
        named(headers, self.refresh_name())
    }

    /// What a browser keeps while it is at an identity provider.
    pub(crate) fn browser(self, headers: &HeaderMap) -> Option<Plaintext> {
        named(headers, self.browser_name())
    }

    /// Has a browser keep it.
    pub(crate) fn set_browser(self, headers: &mut HeaderMap, value: &Plaintext, seconds: i64) {
        add(
            headers,
            &self.line(self.browser_name(), value.expose(), BROWSER_PLACE, seconds),
        );
    }

    /// Sets both.
    pub(crate) fn set(self, headers: &mut HeaderMap, tokens: &Tokens) {
        let access = self.line(
            self.access_name(),
            tokens.access.token.expose(),
            "/; SameSite=Lax",
            tokens.access.expires_in,
        );
        let refresh = self.line(
            self.refresh_name(),
            tokens.refresh.expose(),
            &format!("{REFRESH_PATH}; SameSite=Strict"),
            tokens.refresh_expires_in,
        );
        add(headers, &access);
        add(headers, &refresh);
    }

    /// Takes both away.
    pub(crate) fn clear(self, headers: &mut HeaderMap) {
        add(headers, &self.line(self.access_name(), "", "/; SameSite=Lax", 0));
        let path = format!("{REFRESH_PATH}; SameSite=Strict");
        add(headers, &self.line(self.refresh_name(), "", &path, 0));
    }

    /// Takes that away by which the page to sign in knows that somebody was signed in lately; scripts set it.
    pub(crate) fn forget(headers: &mut HeaderMap) {
        add(headers, "known=; Path=/; Max-Age=0; SameSite=Lax");
    }

    /// Takes those away that an older system set.
    pub(crate) fn clear_former(self, headers: &mut HeaderMap) {
        for name in FORMER {
            add(headers, &self.line(name, "", "/; SameSite=Lax", 0));
        }
    }

    fn line(self, name: &str, value: &str, place: &str, seconds: i64) -> String {
        format!(
            "{name}={value}; Path={place}; HttpOnly; Max-Age={seconds}{}",
            self.secure()
        )
    }
}

fn add(headers: &mut HeaderMap, line: &str) {
    // Tokens are hexadecimal or base64, so that this is always a header.
    if let Ok(mut value) = HeaderValue::from_str(line) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

fn named(headers: &HeaderMap, name: &str) -> Option<Plaintext> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, value)| *known == name && !value.is_empty())?;
    Some(Plaintext::new(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_does_without_secure() {
        for (panel, wanted) in [
            ("https://panel.example.com", Cookies::Secure),
            ("http://panel.example.com", Cookies::Secure),
            ("https://localhost:4443", Cookies::Secure),
            ("http://localhost:4443", Cookies::Loopback),
            ("http://127.0.0.1:4443", Cookies::Loopback),
            ("http://[::1]:4443", Cookies::Loopback),
            ("http://localhost.example.com", Cookies::Secure),
            ("", Cookies::Secure),
        ] {
            assert_eq!(Cookies::of(panel), wanted, "{panel}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others_and_only_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static(
                "a=b; access_token=no; x__Host-access_token=no; __Host-access_token=yes",
            ),
        );
        let found = Cookies::Secure.access(&headers);
        assert_eq!(found.as_ref().map(Plaintext::expose), Some("yes"));
        assert!(Cookies::Secure.refresh(&headers).is_none());
    }
}
