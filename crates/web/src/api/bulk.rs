//! `POST /api/bulk` and `GET /api/bulk/{id}`: one change for many tenants.

use crate::App;
use crate::answer::{after_begin, location};
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::Caller;
use domain::OperationId;
use wire::tenant::{BulkChange, BulkOutcome};

/// Suspends, resumes or checks every tenant that the conditions find; what one refuses stops none of the others.
#[utoipa::path(post, path = "/api/bulk", tag = "tenants", request_body = BulkChange,
    responses((status = 200, body = BulkOutcome), (status = 202, body = BulkOutcome), Problems))]
pub(crate) async fn begin(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<BulkChange>,
) -> Answer<Response> {
    let begun = app.control.bulk(&caller, &request).await?;
    let Some(id) = begun.operation.as_deref().and_then(|id| id.parse().ok()) else {
        return Ok(Json(begun).into_response());
    };
    let outcome = finished(&app, &caller, id, prefer).await?;
    let status = match outcome.finished {
        true => StatusCode::OK,
        false => StatusCode::ACCEPTED,
    };
    Ok(location((status, Json(outcome)).into_response(), id))
}

/// How a change for many tenants stands, tenant by tenant.
#[utoipa::path(get, path = "/api/bulk/{id}", tag = "tenants", params(("id" = String, Path)),
    responses((status = 200, body = BulkOutcome), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OperationId>,
) -> Answer<Json<BulkOutcome>> {
    Ok(Json(app.control.bulk_outcome(&caller, id).await?))
}

/// Waits as long as the caller likes, and tells how each tenant stands then.
pub(crate) async fn finished(
    app: &App,
    caller: &Caller,
    id: OperationId,
    prefer: Prefer,
) -> Answer<BulkOutcome> {
    let waited = app.control.wait(caller, id, prefer.0).await;
    waited.map_err(after_begin(id))?;
    let outcome = app.control.bulk_outcome(caller, id).await;
    outcome.map_err(after_begin(id))
}
