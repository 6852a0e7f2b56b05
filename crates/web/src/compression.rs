//! What is sent smaller: pages, their style and scripts, and exports.
//!
//! Answers of the API are not: some hold a link or a key that is told once, and how far a text with a secret in it shrinks tells a
//! listener something of the secret.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

type Which = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

const KINDS: [&str; 5] = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/csv",
    "image/svg+xml",
];

/// The layer. It is quick rather than thorough: every page is made anew.
pub(crate) fn layer() -> CompressionLayer<Which> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(is_text as Which)
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    KINDS.iter().any(|known| kind.starts_with(known))
}
