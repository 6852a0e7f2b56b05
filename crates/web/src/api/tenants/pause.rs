//! `POST /api/tenants/{subdomain}/pause`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Subdomain;
use wire::tenant::TenantChange;

/// Closes a tenant by its customer's own choice, until it is resumed.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/pause", tag = "tenants", params(("subdomain" = String, Path)),
    responses((status = 200, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn pause(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
) -> Answer<Response> {
    let operation = app.control.pause_tenant(&caller, &name).await?;
    change(&app, &caller, operation, prefer, StatusCode::OK).await
}
