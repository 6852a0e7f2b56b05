//! `GET /api/tenants`

use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use wire::tenant::{TenantPage, TenantQuery};

/// Lists tenants by filter, search and order, page by page.
#[utoipa::path(get, path = "/api/tenants", tag = "tenants", params(TenantQuery),
    responses((status = 200, body = TenantPage), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<TenantQuery>,
) -> Answer<Json<TenantPage>> {
    Ok(Json(app.control.tenants(&caller, &query).await?))
}
