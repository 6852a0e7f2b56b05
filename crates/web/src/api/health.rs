//! Signs of life, for load balancers and people: the only routes without credentials.

use crate::App;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A sign of life.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
}

const OK: Health = Health {
    status: "ok",
    version: env!("CARGO_PKG_VERSION"),
};

/// The process lives. Says nothing about what it depends on.
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = Health)), security(()))]
pub(crate) async fn health() -> Json<Health> {
    Json(OK)
}

/// Requests can be served: the control database answers.
#[utoipa::path(get, path = "/ready", tag = "health", security(()),
    responses((status = 200, body = Health), (status = 503, body = wire::problem::Problem, content_type = "application/problem+json")))]
pub(crate) async fn ready(State(app): State<App>) -> Answer<Json<Health>> {
    app.control.ready().await?;
    Ok(Json(OK))
}
