//! `POST /api/tenants/{subdomain}/support/{id}/enter`

use super::entrance;
use crate::App;
use crate::identity::Known;
use crate::input::Segments;
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::response::Response;
use domain::{Subdomain, SupportId};
use wire::entry::Entrance;
use wire::operation::Operation;

/// Gives whoever asked for the access a link into the tenant that works once, for a minute. The session that it begins
/// ends with the access.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/support/{id}/enter", tag = "support",
    params(("subdomain" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Entrance), (status = 202, body = Operation), Problems))]
pub(crate) async fn enter(
    State(app): State<App>,
    Known(caller): Known,
    Segments(name, id): Segments<Subdomain, SupportId>,
    prefer: Prefer,
) -> Answer<Response> {
    let operation = app.control.enter_support(&caller, &name, id).await?;
    entrance(&app, &caller, operation, prefer).await
}
