//! `GET /api/tenants/{subdomain}/support` and `GET /api/support`

use crate::App;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use domain::Subdomain;
use wire::support::SupportList;

/// Lists every support access to a tenant, newest first: who asked, why, who allowed it, when somebody was inside.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/support", tag = "support", params(("subdomain" = String, Path)),
    responses((status = 200, body = SupportList), Problems))]
pub(crate) async fn of_tenant(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<SupportList>> {
    let items = app.control.support_of(&caller, &name).await?;
    Ok(Json(SupportList { items }))
}

/// Lists the support accesses that are not over, of every tenant that the caller may see.
#[utoipa::path(get, path = "/api/support", tag = "support", responses((status = 200, body = SupportList), Problems))]
pub(crate) async fn live(State(app): State<App>, Known(caller): Known) -> Answer<Json<SupportList>> {
    let items = app.control.live_support(&caller).await?;
    Ok(Json(SupportList { items }))
}
