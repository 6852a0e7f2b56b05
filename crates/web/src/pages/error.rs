//! Errors as pages, for whoever stands before a browser: a session that has ended leads to where one signs in and back.

use super::page;
use super::view::View;
use crate::App;
use crate::problem::{FactorKind, Kind};
use askama::Template;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use wire::problem::Problem;

/// Problem documents are short.
const LARGEST: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    v: View,
    status: u16,
    title: String,
    detail: String,
    request_id: String,
}

/// Whether a browser asks for a page. The API's answers are never pages, whoever asks.
fn wants_page(request: &Request) -> bool {
    let accepts = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"));
    let path = request.uri().path();
    let program = path.starts_with("/api/") || path.starts_with("/node/");
    accepts && !program && matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Makes a page of the problem that a browser was answered with.
pub(crate) async fn humane(State(app): State<App>, request: Request, next: Next) -> Response {
    if !wants_page(&request) {
        return next.run(request).await;
    }
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let back = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let response = next.run(request).await;
    match response.extensions().get::<Kind>().copied() {
        Some(Kind::Unauthenticated) => away("/login", &back),
        Some(Kind::Factor(FactorKind::Required)) => away("/account/second-factor", &back),
        Some(kind) if is_problem(&response) => told(&app, &headers, &path, kind, response).await,
        _ => response,
    }
}

fn is_problem(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

/// Leads elsewhere, and from there back.
fn away(to: &str, back: &str) -> Response {
    let query = serde_urlencoded::to_string([("next", back)]).unwrap_or_default();
    let location = HeaderValue::from_str(&format!("{to}?{query}"));
    let location = location.unwrap_or(HeaderValue::from_static("/login"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

async fn told(app: &App, headers: &HeaderMap, path: &str, kind: Kind, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, LARGEST).await.unwrap_or_default();
    let problem: Option<Problem> = serde_json::from_slice(&bytes).ok();
    let v = View::of(app, headers, path);
    let (title, detail, request_id) = match (kind, problem) {
        (Kind::NotFound, problem) => (
            v.error_missing.to_string(),
            v.error_missing_text.to_string(),
            problem.and_then(|problem| problem.request_id).unwrap_or_default(),
        ),
        (_, Some(problem)) => (
            problem.title,
            problem.detail,
            problem.request_id.unwrap_or_default(),
        ),
        (_, None) => (String::new(), String::new(), String::new()),
    };
    let mut made = page(
        ErrorPage {
            v,
            status: parts.status.as_u16(),
            title,
            detail,
            request_id,
        }
        .render(),
    );
    *made.status_mut() = parts.status;
    made.extensions_mut().insert(kind);
    if let Some(after) = parts.headers.get(header::RETRY_AFTER) {
        made.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    made
}
