//! Style and scripts of the pages, embedded in the program.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// Pages and assets belong together, and a new version may change both; they are small enough to ask again.
const ASK_AGAIN: &str = "no-cache";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, ASK_AGAIN)],
        text,
    )
}

/// The style of every page; the script of the one-time links, which sends the token that stands behind the `#`, where
/// browsers keep it to themselves; those of signing in and of one's own account.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let script = |text| get(async move || asset(SCRIPT, text));
    Router::new()
        .route(
            "/assets/page.css",
            get(async || asset(STYLE, include_str!("../../assets/page.css"))),
        )
        .route("/assets/link.js", script(include_str!("../../assets/link.js")))
        .route(
            "/assets/account.js",
            script(include_str!("../../assets/account.js")),
        )
        .route("/assets/login.js", script(include_str!("../../assets/login.js")))
        .route("/assets/sso.js", script(include_str!("../../assets/sso.js")))
        .route(
            "/assets/second-factor.js",
            script(include_str!("../../assets/second-factor.js")),
        )
        .route(
            "/assets/webauthn.js",
            script(include_str!("../../assets/webauthn.js")),
        )
}
