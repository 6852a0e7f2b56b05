//! `PUT /api/tenants/{subdomain}/organization`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use control::Control;
use domain::Subdomain;
use wire::person::AssignTenant;
use wire::tenant::Tenant;

/// Gives a tenant to an organization, or takes it back.
#[utoipa::path(put, path = "/api/tenants/{subdomain}/organization", tag = "tenants", request_body = AssignTenant,
    params(("subdomain" = String, Path)), responses((status = 200, body = Tenant), Problems))]
pub(crate) async fn assign(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    Body(request): Body<AssignTenant>,
) -> Answer<Json<Tenant>> {
    let tenant = app.control.assign_tenant(&caller, &name, &request).await?;
    Ok(Json(Control::view(tenant)))
}
