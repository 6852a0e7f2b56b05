//! Style and scripts of the pages, embedded in the program, under a path that changes with any of them.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What stands under a version's path never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A page of an older version may still ask for its own; it gets what there is, and asks again the next time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Where an asset of this version is.
pub(crate) fn at(name: &str) -> String {
    format!("/assets/{VERSION}/{name}")
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// `GET /assets/{version}/{name}`
pub(super) async fn asset(Path((version, name)): Path<(String, String)>) -> Response {
    let Some((name, text)) = FILES.iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
    let caching = if version == VERSION { FOR_EVER } else { ASK_AGAIN };
    headers.insert(header::CACHE_CONTROL, caching);
    (headers, *text).into_response()
}
