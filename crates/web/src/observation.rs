//! What surrounds every request: its id, its language, its line in the log, headers that every answer has.

use crate::door::dress;
use crate::language::Language;
use crate::problem::{Failure, Kind};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::task_local;
use tokio::time::Instant;

task_local! {
    static REQUEST_ID: String;
}

const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request that is being answered.
pub(crate) fn request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a request's id decides nothing, so no test needs to foresee it"
)]
fn fresh_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Gives a request its id and language, logs its end, and adds the headers that every answer has.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = fresh_id();
    let language = Language::of(request.headers());
    let method = request.method().clone();
    // The pattern, not the path: what callers put into addresses stays out of the log.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let answer = language.scope(next.run(request));
    let mut response = REQUEST_ID.scope(id.clone(), answer).await;
    let status = response.status().as_u16();
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request_id = %id, %method, route, status, milliseconds, "answered");
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID_HEADER, value);
    }
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    dress(headers);
    response
}

/// What a panic in a handler answers: the constant text of an internal error.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Failure::of(Kind::Internal).into_response()
}
