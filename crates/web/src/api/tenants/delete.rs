//! `DELETE /api/tenants/{subdomain}?confirm=`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::{Query, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use control::Confirmed;
use domain::Subdomain;
use wire::tenant::{Confirmation, TenantChange};

/// Turns a tenant into a tombstone, which is kept for thirty days.
#[utoipa::path(delete, path = "/api/tenants/{subdomain}", tag = "tenants", params(("subdomain" = String, Path), Confirmation),
    responses((status = 200, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn delete(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Query(confirmation): Query<Confirmation>,
) -> Answer<Response> {
    let confirmed = Confirmed::new(name, confirmation.confirm.as_deref())?;
    let operation = app.control.delete_tenant(&caller, &confirmed).await?;
    change(&app, &caller, operation, prefer, StatusCode::OK).await
}
