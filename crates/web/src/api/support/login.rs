//! `POST /api/tenants/{subdomain}/login`

use super::entrance;
use crate::App;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::response::Response;
use domain::Subdomain;
use wire::entry::Entrance;
use wire::operation::Operation;

/// Gives an owner or admin of the tenant's organization a link that logs them in as the administrator, once, within a
/// minute. It is not for the operator's staff.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/login", tag = "tenants", params(("subdomain" = String, Path)),
    responses((status = 200, body = Entrance), (status = 202, body = Operation), Problems))]
pub(crate) async fn login(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
) -> Answer<Response> {
    let operation = app.control.log_in(&caller, &name).await?;
    entrance(&app, &caller, operation, prefer).await
}
