//! `GET /api/events`

use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::Answer;
use crate::words::for_a_script;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use control::{Change, Changes, operation_view};
use futures_util::{Stream, stream};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::IntoParams;

/// A stream ends after this time, and whoever reads it connects again: then it is looked at once more who they are.
const LONGEST: Duration = Duration::from_secs(120);

/// How much.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// End after so many changes.
    #[serde(default)]
    limit: Option<u32>,
}

/// Where the stream stands.
enum Place {
    Hello,
    After(u32),
    End,
}

/// Streams what changes of what the caller may see: `hello` at the beginning, `operation` with the operation that moved,
/// `changed` for anything else, `again` at the end, after two minutes. Whoever missed something looks anew.
#[utoipa::path(get, path = "/api/events", tag = "operations", params(Asked),
    responses((status = 200, body = String, content_type = "text/event-stream"), Problems))]
pub(crate) async fn events(
    State(app): State<App>,
    Known(caller): Known,
    Query(asked): Query<Asked>,
) -> Answer<Sse<impl Stream<Item = Result<Event, axum::Error>>>> {
    let changes = app.control.changes(&caller)?;
    let deadline = Instant::now() + LONGEST;
    let most = asked.limit.unwrap_or(u32::MAX);
    let language = Language::current();
    let stream = stream::unfold((Place::Hello, changes), move |(place, mut changes)| async move {
        let (event, place) = next(place, &mut changes, deadline, (most, language)).await?;
        Some((event, (place, changes)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

async fn next(
    place: Place,
    changes: &mut Changes,
    deadline: Instant,
    (most, language): (u32, Language),
) -> Option<(Result<Event, axum::Error>, Place)> {
    let told = match place {
        Place::Hello => return Some((Ok(Event::default().event("hello").data("{}")), Place::After(0))),
        Place::After(told) => told,
        Place::End => return None,
    };
    let again = || (Ok(Event::default().event("again").data("{}")), Place::End);
    if told >= most {
        return Some(again());
    }
    let patience = deadline.saturating_duration_since(Instant::now());
    let event = match changes.next(patience).await {
        None => return Some(again()),
        Some(Change::Operation(record)) => Event::default()
            .event("operation")
            .json_data(for_a_script(operation_view(*record), language)),
        Some(Change::Other | Change::Gap) => Ok(Event::default().event("changed").data("{}")),
    };
    Some((event, Place::After(told.saturating_add(1))))
}
