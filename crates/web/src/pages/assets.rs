//! Style and script of the pages, embedded in the program.

use axum::http::header;
use axum::response::IntoResponse;

const FOR_AN_HOUR: &str = "public, max-age=3600";

/// The style of every page.
pub(super) async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, FOR_AN_HOUR),
    ];
    (headers, include_str!("../../assets/page.css"))
}

/// The script of the one-time links: it sends the token that stands behind the `#`, which browsers keep to themselves.
pub(super) async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, FOR_AN_HOUR),
    ];
    (headers, include_str!("../../assets/link.js"))
}
