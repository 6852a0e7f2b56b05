//! The plain listener beside TLS: it sends readers to https, and takes nothing from anybody else. A password that was
//! sent in plain must not seem to have worked.

use super::accept;
use crate::DoorSettings;
use crate::door::dress;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;

const ONLY_TLS: &str = "{\"type\":\"/problems/only-https\",\"title\":\"Only over https\",\"status\":403,\
    \"detail\":\"Nothing is taken in plain. Whatever secret this request held has been sent in the open: replace it.\"}\n";

/// Redirects readers to this base address until `stop` ends. The address is the operator's, not what `Host` says, so
/// that nobody is led elsewhere.
///
/// # Errors
/// When the socket fails.
pub async fn redirect(
    listener: TcpListener,
    base: String,
    settings: DoorSettings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let base: Arc<str> = base.trim_end_matches('/').into();
    let router = Router::new().fallback(answer).with_state(base);
    accept(listener, None, router, settings, stop).await
}

async fn answer(State(base): State<Arc<str>>, request: Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let location = HeaderValue::from_str(&format!("{base}{target}")).ok();
    let mut response = match location.filter(|_| reads && target.starts_with('/')) {
        Some(location) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response(),
        None => {
            let kind = [(header::CONTENT_TYPE, "application/problem+json")];
            (StatusCode::FORBIDDEN, kind, ONLY_TLS).into_response()
        }
    };
    dress(response.headers_mut());
    response
}
