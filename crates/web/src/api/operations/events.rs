//! `GET /api/operations/{id}/events`

use crate::App;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use control::{Caller, operation_view};
use domain::OperationId;
use futures_util::{Stream, stream};
use store::OperationRecord;
use wire::operation::Operation;

/// Where the stream stands.
enum Position {
    /// The present state is to be told.
    Now(OperationRecord),
    /// The next change is to be told.
    After(OperationRecord),
    /// It has ended.
    End,
}

/// Streams an operation: an event `operation` now and at every change, until it has ended.
#[utoipa::path(get, path = "/api/operations/{id}/events", tag = "operations", params(("id" = String, Path)),
    responses((status = 200, body = Operation, content_type = "text/event-stream"), Problems))]
pub(crate) async fn events(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<OperationId>,
) -> Answer<Sse<impl Stream<Item = Result<Event, axum::Error>>>> {
    let first = app.control.operation(&caller, id).await?;
    let stream = stream::unfold(
        (Position::Now(first), app, caller),
        |(position, app, caller)| async move {
            let record = next(position, &app, &caller).await?;
            let event = Event::default()
                .event("operation")
                .json_data(operation_view(record.clone()));
            let position = if record.state.is_final() {
                Position::End
            } else {
                Position::After(record)
            };
            Some((event, (position, app, caller)))
        },
    );
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// The next record to tell; an error ends the stream, and the reader connects anew.
async fn next(position: Position, app: &App, caller: &Caller) -> Option<OperationRecord> {
    match position {
        Position::Now(record) => Some(record),
        Position::After(known) => app.control.next_change(caller, &known).await.ok(),
        Position::End => None,
    }
}
