//! `GET /api/metrics`, for Prometheus.

use crate::App;
use crate::identity::Known;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

/// How tenants, operations and pools stand, as Prometheus reads it.
#[utoipa::path(get, path = "/api/metrics", tag = "health",
    responses((status = 200, content_type = "text/plain", body = String), Problems))]
pub(crate) async fn metrics(State(app): State<App>, Known(caller): Known) -> Answer<Response> {
    let text = app.control.metrics(&caller).await?;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, text).into_response())
}
