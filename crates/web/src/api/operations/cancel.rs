//! `POST /api/operations/{id}/cancel`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use control::operation_view;
use domain::OperationId;
use wire::operation::{CancelOperation, Operation};

/// Takes an operation back that no node has begun: it ends as failed, and what it was for is as if nobody had asked.
#[utoipa::path(post, path = "/api/operations/{id}/cancel", tag = "operations", params(("id" = String, Path)),
    request_body = CancelOperation, responses((status = 200, body = Operation), Problems))]
pub(crate) async fn cancel(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OperationId>,
    Body(request): Body<CancelOperation>,
) -> Answer<Json<Operation>> {
    let ended = app
        .control
        .cancel_operation(&caller, id, request.reason.as_deref())
        .await?;
    Ok(Json(operation_view(ended)))
}
