//! `GET /api/tenants/{subdomain}`

use crate::App;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use control::Control;
use domain::Subdomain;
use wire::tenant::Tenant;

/// Shows a tenant, by any spelling of its name.
#[utoipa::path(get, path = "/api/tenants/{subdomain}", tag = "tenants", params(("subdomain" = String, Path)),
    responses((status = 200, body = Tenant), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<Tenant>> {
    Ok(Json(Control::view(app.control.tenant(&caller, &name).await?)))
}
