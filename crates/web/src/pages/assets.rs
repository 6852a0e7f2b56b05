//! Style and script of the pages, embedded in the program.

use axum::http::header;
use axum::response::IntoResponse;

/// Pages and assets belong together, and a new version may change both; they are small enough to ask again.
const ASK_AGAIN: &str = "no-cache";

/// The style of every page.
pub(super) async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    (headers, include_str!("../../assets/page.css"))
}

/// The script of the page to sign in.
pub(super) async fn login_script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    (headers, include_str!("../../assets/login.js"))
}

/// The script that offers identity providers.
pub(super) async fn sso_script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    (headers, include_str!("../../assets/sso.js"))
}

/// The script that speaks with passkeys.
pub(super) async fn webauthn_script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    (headers, include_str!("../../assets/webauthn.js"))
}

/// The script of the page of one's second factors.
pub(super) async fn factor_script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    (headers, include_str!("../../assets/second-factor.js"))
}

/// The script of the one-time links: it sends the token that stands behind the `#`, which browsers keep to themselves.
pub(super) async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    (headers, include_str!("../../assets/link.js"))
}
