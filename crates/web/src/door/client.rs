//! Who a request comes from: the one place that decides which addresses and schemes are believed.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// How a connection reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In plain.
    Http,
    /// Over TLS.
    Https,
}

/// The connection that a request came over.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Its other end.
    pub peer: SocketAddr,
    /// How it reached the server.
    pub scheme: Scheme,
}

/// Who asks, as far as the way of the request tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address: the connection's other end, or what the outermost of the operator's own proxies saw.
    pub(crate) address: IpAddr,
    /// How the client reached the outermost of the operator's own machines.
    pub(crate) scheme: Scheme,
}

impl Client {
    /// Whether it is a program of the server's own machine.
    pub(crate) fn is_local(self) -> bool {
        self.address.is_loopback()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().copied();
        Ok(known.unwrap_or_else(|| identify(parts.extensions.get(), &parts.headers, 0)))
    }
}

/// Finds out who asks. Each proxy writes at the end of `X-Forwarded-For` whom it got the request from, so with `hops`
/// proxies of the operator's own the client is the entry that many places from the end; what stands before it the
/// client wrote itself. When an entry is missing, somebody came past a proxy, and only the connection is believed.
pub(crate) fn identify(connection: Option<&Connection>, headers: &HeaderMap, hops: usize) -> Client {
    let unknown = Connection {
        peer: (Ipv4Addr::UNSPECIFIED, 0).into(),
        scheme: Scheme::Http,
    };
    let connection = connection.copied().unwrap_or(unknown);
    let direct = Client {
        address: connection.peer.ip().to_canonical(),
        scheme: connection.scheme,
    };
    if hops == 0 {
        return direct;
    }
    let Some(address) = from_the_end(headers, "x-forwarded-for", hops).and_then(address) else {
        return direct;
    };
    // A proxy that overwrites in place of adding leaves one entry, its own.
    let scheme = from_the_end(headers, "x-forwarded-proto", hops)
        .or_else(|| from_the_end(headers, "x-forwarded-proto", 1));
    let scheme = match scheme {
        Some(text) if text.eq_ignore_ascii_case("https") => Scheme::Https,
        Some(_) => Scheme::Http,
        None => direct.scheme,
    };
    Client { address, scheme }
}

/// The entry of a list header, over all its lines, so many places from the end; 1 is the last.
fn from_the_end<'a>(headers: &'a HeaderMap, name: &str, place: usize) -> Option<&'a str> {
    let lines = headers.get_all(name).iter();
    let entries: Vec<&str> = lines
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    entries
        .len()
        .checked_sub(place)
        .and_then(|at| entries.get(at).copied())
}

/// An address as proxies write it: bare, with a port, in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || {
        text.strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))?
            .parse()
            .ok()
    };
    bare.or_else(with_port)
        .or_else(bracketed)
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(lines: &[&'static str], proto: Option<&'static str>, hops: usize) -> (String, Scheme) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        if let Some(proto) = proto {
            headers.insert("x-forwarded-proto", HeaderValue::from_static(proto));
        }
        let connection = Connection {
            peer: ([10, 0, 0, 1], 5000).into(),
            scheme: Scheme::Http,
        };
        let client = identify(Some(&connection), &headers, hops);
        (client.address.to_string(), client.scheme)
    }

    #[test]
    fn without_trusted_proxies_no_header_is_believed() {
        let wanted = ("10.0.0.1".to_owned(), Scheme::Http);
        assert_eq!(seen(&["192.0.2.7"], Some("https"), 0), wanted);
    }

    #[test]
    fn the_entry_of_the_outermost_trusted_proxy_is_the_client() {
        let of = |lines: &[&'static str], hops| seen(lines, None, hops).0;
        assert_eq!(of(&["198.51.100.9, 192.0.2.7"], 1), "192.0.2.7");
        assert_eq!(of(&["198.51.100.9", "192.0.2.7"], 1), "192.0.2.7");
        assert_eq!(of(&["1.1.1.1, 192.0.2.7, 10.0.0.9"], 2), "192.0.2.7");
        assert_eq!(of(&["1.1.1.1, 192.0.2.7:4711"], 1), "192.0.2.7");
        assert_eq!(of(&["[2001:db8::1]:443"], 1), "2001:db8::1");
        assert_eq!(of(&["[2001:db8::1]"], 1), "2001:db8::1");
        assert_eq!(of(&["::ffff:192.0.2.7"], 1), "192.0.2.7");
    }

    #[test]
    fn whoever_comes_past_a_proxy_is_known_by_the_connection() {
        for lines in [&[][..], &["192.0.2.7"], &["nonsense, 10.0.0.9"], &["", ""]] {
            assert_eq!(
                seen(lines, Some("https"), 2),
                ("10.0.0.1".to_owned(), Scheme::Http)
            );
        }
    }

    #[test]
    fn the_scheme_is_believed_from_trusted_proxies_only() {
        assert_eq!(seen(&["192.0.2.7"], Some("https"), 1).1, Scheme::Https);
        assert_eq!(seen(&["192.0.2.7"], Some("http"), 1).1, Scheme::Http);
        // The client's own word stands first.
        assert_eq!(seen(&["192.0.2.7"], Some("https, http"), 1).1, Scheme::Http);
        assert_eq!(seen(&["192.0.2.7, 10.0.0.9"], Some("https"), 2).1, Scheme::Https);
    }
}
