//! `POST /api/tenants/{subdomain}/support/{id}/approve` and `…/refuse`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segments};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use control::Verdict;
use domain::{Subdomain, SupportId};
use wire::support::{DecideSupport, SupportAccess};

/// Allows a support access; for an owner or admin of the tenant's organization.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/support/{id}/approve", tag = "support",
    request_body = DecideSupport, params(("subdomain" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = SupportAccess), Problems))]
pub(crate) async fn approve(
    State(app): State<App>,
    Known(caller): Known,
    Segments(name, id): Segments<Subdomain, SupportId>,
    Body(request): Body<DecideSupport>,
) -> Answer<Json<SupportAccess>> {
    let decided = app
        .control
        .decide_support(&caller, &name, id, Verdict::Approve, &request)
        .await?;
    Ok(Json(decided))
}

/// Refuses a support access.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/support/{id}/refuse", tag = "support",
    request_body = DecideSupport, params(("subdomain" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = SupportAccess), Problems))]
pub(crate) async fn refuse(
    State(app): State<App>,
    Known(caller): Known,
    Segments(name, id): Segments<Subdomain, SupportId>,
    Body(request): Body<DecideSupport>,
) -> Answer<Json<SupportAccess>> {
    let decided = app
        .control
        .decide_support(&caller, &name, id, Verdict::Refuse, &request)
        .await?;
    Ok(Json(decided))
}
