//! `PUT /api/organizations/{organization}/support-access`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use domain::OrganizationId;
use wire::person::Organization;
use wire::support::WishSupport;

/// Says what an organization wants of support accesses to its tenants. With `never` those that there are end at once.
#[utoipa::path(put, path = "/api/organizations/{organization}/support-access", tag = "organizations",
    request_body = WishSupport, params(("organization" = String, Path)),
    responses((status = 200, body = Organization), Problems))]
pub(crate) async fn wish(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OrganizationId>,
    Body(request): Body<WishSupport>,
) -> Answer<Json<Organization>> {
    Ok(Json(app.control.wish_support(&caller, id, &request).await?))
}
