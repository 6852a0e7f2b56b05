//! Signs of life, for load balancers and people: the only routes without credentials.

use crate::problem::Answer;
use crate::{App, Certificate};
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
    /// What works, and should be looked after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<&'static str>,
}

const OK: Health = Health {
    status: "ok",
    version: env!("CARGO_PKG_VERSION"),
    warnings: Vec::new(),
};

/// What is told of a certificate that could not be replaced; its files are the log's business.
const CERTIFICATE: &str = "certificate: the new one cannot be used, the one before it is in use";

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
    let trouble = app.certificate.as_ref().and_then(Certificate::trouble);
    Ok(Json(Health {
        warnings: trouble.map(|_| CERTIFICATE).into_iter().collect(),
        ..OK
    }))
}
