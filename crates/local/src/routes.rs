//! The routes of the local API. Every one but `/health` needs an API key, which the control plane checks.

use crate::forward::Facade;
use crate::saying::Saying;
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
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;

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

/// How long what `/health` says is good for.
const FRESH: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Local {
    facade: Facade,
    look: Look,
    seen: Arc<Seen>,
}

/// What the node found when it last looked at itself.
#[derive(Default)]
struct Seen {
    last: RwLock<Option<(Instant, Result<(), String>)>>,
    looking: tokio::sync::Mutex<()>,
}

impl Seen {
    fn fresh(&self) -> Option<Result<(), String>> {
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        let (at, found) = last.as_ref()?;
        (at.elapsed() < FRESH).then(|| found.clone())
    }
}

impl Local {
    async fn sign_of_life(&self) -> Result<(), String> {
        if let Some(found) = self.seen.fresh() {
            return found;
        }
        let _one = self.seen.looking.lock().await;
        if let Some(found) = self.seen.fresh() {
            return found;
        }
        let found = (self.look)().await.map(drop);
        let mut last = self.seen.last.write().unwrap_or_else(PoisonError::into_inner);
        *last = Some((Instant::now(), found.clone()));
        found
    }
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
        .fallback(async |headers: HeaderMap| Saying::NoRoute.to(&headers))
        .method_not_allowed_fallback(async |headers: HeaderMap| Saying::Method.to(&headers))
        .with_state(Local {
            facade,
            look,
            seen: Arc::default(),
        })
}

/// Whoever reaches the port may ask, so that the node looks at itself at most once in [`FRESH`].
async fn health(State(local): State<Local>) -> Response {
    let service = "tenantry-node";
    match local.sign_of_life().await {
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

/// What the node finds when it looks at itself; for whoever may read at the control plane.
async fn doctor(State(local): State<Local>, headers: HeaderMap) -> Response {
    let allowed = local.facade.get("/api/nodes", &headers).await;
    if !allowed.status().is_success() {
        return allowed;
    }
    match (local.look)().await {
        Ok(findings) => axum::Json(findings).into_response(),
        Err(reason) => Saying::Blind(reason).to(&headers),
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
