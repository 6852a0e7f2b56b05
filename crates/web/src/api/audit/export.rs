//! `GET /api/audit/export`

use super::title;
use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use control::{ControlError, Export};
use futures_util::{StreamExt as _, stream};
use wire::audit::AuditQuery;

/// Gives the entries as comma-separated values, all of them, in a stream; formulas in them are disarmed. Takes the
/// filters, the search and the order of the list; `limit` is not heeded.
#[utoipa::path(get, path = "/api/audit/export", tag = "audit", params(AuditQuery),
    responses((status = 200, body = String, content_type = "text/csv"), Problems))]
pub(crate) async fn export(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<AuditQuery>,
) -> Answer<Response> {
    let mut export = app
        .control
        .export_audit(&caller, &query, |entry| title(&entry.action))?;
    // The first piece before the answer begins, so that an error is still one.
    let first = export.next().await?.unwrap_or_default();
    let first = format!("{}{first}", Export::head());
    let language = crate::language::Language::current();
    let pieces = stream::unfold((Some(first), export), move |(first, mut export)| async move {
        let piece = match first {
            Some(first) => Ok(Some(first)),
            None => language.scope(export.next()).await,
        };
        let piece: Option<Result<String, ControlError>> = piece.transpose();
        piece.map(|piece| (piece, (None, export)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    // Compressing asks once more after the end.
    Ok((headers, Body::from_stream(pieces.fuse())).into_response())
}
