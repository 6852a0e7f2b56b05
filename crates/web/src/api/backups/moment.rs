//! `POST /api/tenants/{subdomain}/restore` and `GET /api/tenants/{subdomain}/point-in-time`

use super::change::followed;
use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::Subdomain;
use wire::backups::RestoreAt;
use wire::operation::Operation;
use wire::point_in_time::PointInTimeView;

/// Brings a tenant back to a moment, in the place of what is there, of which a backup is taken before; or makes a new tenant of what it
/// was then. The node restores its PostgreSQL aside as far as that, and takes the tenant's database out.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/restore", tag = "backups", request_body = RestoreAt,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = Operation), Problems))]
pub(crate) async fn restore(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<RestoreAt>,
) -> Answer<Response> {
    let operation = app.control.restore_tenant_at(&caller, &name, &request).await?;
    followed(&app, &caller, operation, prefer).await
}

/// Shows how far back a tenant can be brought, as its node last told; nothing in it where the node keeps no archive.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/point-in-time", tag = "backups",
    params(("subdomain" = String, Path)), responses((status = 200, body = PointInTimeView), Problems))]
pub(crate) async fn window(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<PointInTimeView>> {
    Ok(Json(app.control.tenant_window(&caller, &name).await?))
}
