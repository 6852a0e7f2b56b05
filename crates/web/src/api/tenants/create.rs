//! `POST /api/tenants`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::Body;
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use control::Registration;
use wire::tenant::{CreateTenant, TenantChange};

/// Makes a tenant: its database, its address, its administrator.
#[utoipa::path(post, path = "/api/tenants", tag = "tenants", request_body = CreateTenant,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeated request the same request."),
           ("Prefer" = Option<String>, Header, description = "`wait=N`: how many seconds to wait for the operation.")),
    responses((status = 201, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn create(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<CreateTenant>,
) -> Answer<Response> {
    let operation = app
        .control
        .create_tenant(&caller, request, Registration::Complete)
        .await?;
    change(&app, &caller, operation, prefer, StatusCode::CREATED).await
}
