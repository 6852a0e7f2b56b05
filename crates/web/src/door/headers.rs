//! Headers that every answer has.

use super::client::{Client, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Whoever reached us over TLS comes back over TLS, for a year.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// What a page may use of a browser's machine: nothing.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), \
     midi=(), payment=(), usb=(), browsing-topics=()",
);
/// Answers that are no pages load nothing and stand in nobody's frame.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// About how many headers are added, so that the map grows once.
const USUAL: usize = 12;

/// Adds what every answer has, whoever asked.
pub(crate) fn dress(headers: &mut HeaderMap) {
    headers.reserve(USUAL);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("permissions-policy"), NOTHING);
    for name in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static("same-origin"),
        );
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NO_PAGE);
}

/// Adds what only an answer over TLS has; browsers must not believe it otherwise (RFC 6797, 8.1).
pub(super) fn secure(headers: &mut HeaderMap, client: Client) {
    if client.scheme == Scheme::Https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
}
