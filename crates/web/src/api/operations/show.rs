//! `GET /api/operations/{id}`

use crate::App;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::problem::Answer;
use crate::words::with_words;
use axum::Json;
use axum::extract::State;
use domain::OperationId;
use wire::operation::Operation;

/// Shows an operation with its steps.
#[utoipa::path(get, path = "/api/operations/{id}", tag = "operations", params(("id" = String, Path)),
    responses((status = 200, body = Operation), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OperationId>,
) -> Answer<Json<Operation>> {
    let shown = app.control.show_operation(&caller, id).await?;
    Ok(Json(with_words(vec![shown]).remove(0)))
}
