//! From where a request comes.

use crate::App;
use crate::observation::request_id;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderMap, header, request::Parts};
use control::Client;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// From where the request comes, for limits and for what people are shown of their sign-ins.
pub(crate) struct Asking(pub(crate) Client);

/// The client's address. Each trusted proxy adds the address that it saw to the end of `X-Forwarded-For`; whatever stands
/// before what they added was written by the client and says nothing. Without trusted proxies the header is not read.
fn address(headers: &HeaderMap, peer: Option<IpAddr>, trusted_proxies: usize) -> Option<IpAddr> {
    let Some(place) = trusted_proxies.checked_sub(1) else {
        return peer;
    };
    let written = headers.get_all("x-forwarded-for");
    let written: Vec<&str> = written
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    // Fewer entries than proxies: somebody came past one of them, and the peer is all that is sure.
    let told = written.iter().rev().nth(place).and_then(|text| parsed(text));
    told.or(peer)
}

/// An address with or without a port.
fn parsed(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok();
    address.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// The client of these parts of a request.
pub(crate) fn of(parts: &Parts, app: &App) -> Client {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    let agent = parts.headers.get(header::USER_AGENT);
    Client {
        address: address(&parts.headers, peer, app.control.settings().trusted_proxies),
        user_agent: agent.and_then(|value| value.to_str().ok()).map(ToOwned::to_owned),
        request_id: request_id(),
    }
}

impl FromRequestParts<App> for Asking {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(of(parts, app)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn forwarded(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        headers
    }

    fn ip(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        let peer = ip("10.0.0.9");
        for (values, proxies, wanted) in [
            (vec!["1.1.1.1"], 0, "10.0.0.9"),
            (vec!["1.1.1.1"], 1, "1.1.1.1"),
            (vec!["6.6.6.6, 1.1.1.1"], 1, "1.1.1.1"),
            (vec!["6.6.6.6", "1.1.1.1"], 1, "1.1.1.1"),
            (vec!["6.6.6.6, 1.1.1.1, 10.0.0.2"], 2, "1.1.1.1"),
            (vec!["1.1.1.1"], 2, "10.0.0.9"),
            (vec![], 1, "10.0.0.9"),
            (vec!["rubbish"], 1, "10.0.0.9"),
            (vec!["1.1.1.1:4711"], 1, "1.1.1.1"),
            (vec!["[2001:db8::1]:4711"], 1, "2001:db8::1"),
        ] {
            assert_eq!(
                address(&forwarded(&values), peer, proxies),
                ip(wanted),
                "{values:?} {proxies}"
            );
        }
    }
}
