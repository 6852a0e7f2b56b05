//! `/api/tenants/{subdomain}/switch`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use domain::Subdomain;
use wire::work::{SetSwitch, Switch};

/// Shows the operator's switch of a tenant, with its reason.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/switch", tag = "tenants", params(("subdomain" = String, Path)),
    responses((status = 200, body = Switch), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<Switch>> {
    Ok(Json(app.control.tenant_switch(&caller, &name).await?))
}

/// Sets the operator's switch of a tenant: `active`, `paused` (nothing by itself) or `stopped` (its commands wait).
#[utoipa::path(put, path = "/api/tenants/{subdomain}/switch", tag = "tenants", params(("subdomain" = String, Path)),
    request_body = SetSwitch, responses((status = 200, body = Switch), Problems))]
pub(crate) async fn set(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    Body(request): Body<SetSwitch>,
) -> Answer<Json<Switch>> {
    Ok(Json(app.control.switch_tenant(&caller, &name, &request).await?))
}
