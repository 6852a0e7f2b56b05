//! `POST /api/tenants/{subdomain}/purge`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use control::Confirmed;
use domain::Subdomain;
use wire::operation::Operation;
use wire::tenant::{Confirmation, TenantChange};

/// Dumps a tombstone with its filestore, keeps the dump, and drops it for good. Its name is free afterwards.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/purge", tag = "tenants", request_body = Confirmation,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn purge(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(confirmation): Body<Confirmation>,
) -> Answer<Response> {
    let confirmed = Confirmed::new(name, confirmation.confirm.as_deref())?;
    let operation = app.control.purge_tenant(&caller, &confirmed).await?;
    change(&app, &caller, operation, prefer, StatusCode::OK).await
}
