//! `POST /api/tenants/{subdomain}/suspend`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Subdomain;
use wire::tenant::{SuspendTenant, TenantChange};

/// Shuts visitors and scheduled jobs out, at the edge and at the database.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/suspend", tag = "tenants", request_body = SuspendTenant,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn suspend(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<SuspendTenant>,
) -> Answer<Response> {
    let operation = app.control.suspend_tenant(&caller, &name, request).await?;
    change(&app, &caller, operation, prefer, StatusCode::OK).await
}
