//! The routes of the local API. Every one but `/health` needs an API key, which the control plane checks.

use crate::forward::Facade;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Serialize;
use serde_json::json;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What a node finds when it looks at itself.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at, as a stable word.
    pub name: String,
    /// Whether it is as it should be.
    pub good: bool,
    /// What a person should know, and do.
    pub detail: String,
}

/// Looks at the node; the error says why that is impossible.
pub type Look =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Vec<Finding>, String>> + Send>> + Send + Sync>;

#[derive(Clone)]
struct Local {
    facade: Facade,
    look: Look,
}

/// Serves the local API of a node for ever; `look` is asked by `/health` and `/api/doctor`.
///
/// # Errors
/// When the socket fails.
pub async fn serve(listener: TcpListener, facade: Facade, look: Look) -> io::Result<()> {
    axum::serve(listener, router(facade, look)).await
}

fn router(facade: Facade, look: Look) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/api/tenants", get(tenants))
        .route("/api/domains", get(domains))
        .route("/api/doctor", get(doctor))
        .route("/api/tenant", post(create).delete(delete))
        .route("/api/tenant/password", put(password))
        .route("/api/tenant/suspend", put(suspend))
        .with_state(Local { facade, look })
}

async fn health(State(local): State<Local>) -> Response {
    let service = "tenantry-node";
    match (local.look)().await {
        Ok(_) => axum::Json(json!({ "status": "ok", "service": service })).into_response(),
        Err(reason) => {
            let body = json!({ "status": "failing", "service": service, "detail": reason });
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
}

async fn tenants(State(local): State<Local>, headers: HeaderMap) -> Response {
    local.facade.list(&headers).await
}

/// What the node finds when it looks at itself; for whoever may read at the control plane.
async fn doctor(State(local): State<Local>, headers: HeaderMap) -> Response {
    let allowed = local.facade.get("/api/nodes", &headers).await;
    if !allowed.status().is_success() {
        return allowed;
    }
    match (local.look)().await {
        Ok(findings) => axum::Json(findings).into_response(),
        Err(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            axum::Json(json!({ "detail": reason })),
        )
            .into_response(),
    }
}

async fn domains(State(local): State<Local>, headers: HeaderMap) -> Response {
    local.facade.get("/api/provisioning/domains", &headers).await
}

async fn create(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local
        .facade
        .change(Method::POST, "/api/provisioning/tenant", &headers, &body)
        .await
}

async fn delete(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local
        .facade
        .change(Method::DELETE, "/api/provisioning/tenant", &headers, &body)
        .await
}

async fn password(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local
        .facade
        .change(Method::PUT, "/api/provisioning/tenant/password", &headers, &body)
        .await
}

async fn suspend(State(local): State<Local>, headers: HeaderMap, body: Bytes) -> Response {
    local
        .facade
        .change(Method::PUT, "/api/provisioning/tenant/suspend", &headers, &body)
        .await
}
