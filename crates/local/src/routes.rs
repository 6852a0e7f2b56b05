//! The routes of the local API. Every one but `/health` needs an API key, which the control plane checks.

use crate::forward::Facade;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde_json::json;
use std::pin::Pin;
use std::sync::Arc;

/// Says whether the node can work, with a reason when not.
pub type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

#[derive(Clone)]
struct Local {
    facade: Facade,
    check: Check,
}

/// The local API of a node; `check` is asked by `/health`.
pub fn router(facade: Facade, check: Check) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/api/tenants", get(tenants))
        .route("/api/domains", get(domains))
        .route("/api/tenant", post(create).delete(delete))
        .route("/api/tenant/password", put(password))
        .route("/api/tenant/suspend", put(suspend))
        .with_state(Local { facade, check })
}

async fn health(State(local): State<Local>) -> Response {
    let service = "tenantry-node";
    match (local.check)().await {
        Ok(()) => axum::Json(json!({ "status": "ok", "service": service })).into_response(),
        Err(reason) => {
            let body = json!({ "status": "failing", "service": service, "detail": reason });
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
}

async fn tenants(State(local): State<Local>, headers: HeaderMap) -> Response {
    local.facade.list(&headers).await
}

async fn domains(State(local): State<Local>, headers: HeaderMap) -> Response {
    local.facade.get("/api/provisioning/domains", &headers).await
}

async fn create(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local.facade.change(Method::POST, "/api/provisioning/tenant", &headers, &body).await
}

async fn delete(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local.facade.change(Method::DELETE, "/api/provisioning/tenant", &headers, &body).await
}

async fn password(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local.facade.change(Method::PUT, "/api/provisioning/tenant/password", &headers, &body).await
}

async fn suspend(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local.facade.change(Method::PUT, "/api/provisioning/tenant/suspend", &headers, &body).await
}
