//! `POST /api/operations/{id}/retry` and `…/abandon`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use crate::words::with_words;
use axum::Json;
use axum::extract::State;
use control::Decision;
use domain::OperationId;
use wire::operation::Operation;
use wire::work::Decide;

/// Has the present step of an operation that waits to be tried again done now.
#[utoipa::path(post, path = "/api/operations/{id}/retry", tag = "operations", params(("id" = String, Path)),
    request_body = Decide, responses((status = 200, body = Operation), Problems))]
pub(crate) async fn retry(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OperationId>,
    Body(request): Body<Decide>,
) -> Answer<Json<Operation>> {
    decided(&app, &caller, id, Decision::Retry, &request).await
}

/// Ends an operation that does not get on as failed, without undoing what it did.
#[utoipa::path(post, path = "/api/operations/{id}/abandon", tag = "operations", params(("id" = String, Path)),
    request_body = Decide, responses((status = 200, body = Operation), Problems))]
pub(crate) async fn abandon(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OperationId>,
    Body(request): Body<Decide>,
) -> Answer<Json<Operation>> {
    decided(&app, &caller, id, Decision::Abandon, &request).await
}

async fn decided(
    app: &App,
    caller: &control::Caller,
    id: OperationId,
    decision: Decision,
    request: &Decide,
) -> Answer<Json<Operation>> {
    let reason = request.reason.as_deref();
    let shown = app.control.decide_operation(caller, id, decision, reason).await?;
    Ok(Json(with_words(vec![shown]).remove(0)))
}
