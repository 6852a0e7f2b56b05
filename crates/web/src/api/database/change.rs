//! `POST /api/tenants/{subdomain}/database/terminate` and `…/maintenance`

use crate::App;
use crate::answer::{located, settled, status};
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::{Caller, operation_view};
use domain::{OperationId, Subdomain};
use wire::database::{MaintenanceRequest, TerminateRequest};
use wire::operation::Operation;

async fn followed(app: &App, caller: &Caller, operation: OperationId, prefer: Prefer) -> Answer<Response> {
    let record = settled(app, caller, operation, prefer).await?;
    let answer = (
        status(&record, StatusCode::OK),
        Json(operation_view(record.clone())),
    );
    Ok(located(answer.into_response(), &record))
}

/// Ends one connection to a tenant's database. Its number and the moment at which it was opened have to be those of the list.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/database/terminate", tag = "databases", request_body = TerminateRequest,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = Operation), Problems))]
pub(crate) async fn terminate(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<TerminateRequest>,
) -> Answer<Response> {
    let operation = app.control.end_connection(&caller, &name, &request).await?;
    followed(&app, &caller, operation, prefer).await
}

/// Looks after the tables of a tenant's database, one after the other, while it is in use. It can be stopped by cancelling the operation.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/database/maintenance", tag = "databases", request_body = MaintenanceRequest,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = Operation), Problems))]
pub(crate) async fn maintain(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<MaintenanceRequest>,
) -> Answer<Response> {
    let operation = app.control.maintain_database(&caller, &name, &request).await?;
    followed(&app, &caller, operation, prefer).await
}
