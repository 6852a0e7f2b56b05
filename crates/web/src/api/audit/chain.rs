//! The audit trail's chain: checked, taken along, and the keys that sign it.

use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use control::ControlError;
use futures_util::{StreamExt as _, stream};
use wire::audit::{AuditKeyList, AuditRange, AuditVerification, ChainLine};

/// Checks the chain of these days as it stands in the control database, and says which entries are not what was sealed.
#[utoipa::path(get, path = "/api/audit/verification", tag = "audit", params(AuditRange),
    responses((status = 200, body = AuditVerification), Problems))]
pub(crate) async fn verification(
    State(app): State<App>,
    Known(caller): Known,
    Query(range): Query<AuditRange>,
) -> Answer<Json<AuditVerification>> {
    Ok(Json(app.control.verify_audit(&caller, &range).await?))
}

/// Gives the chain of these days in a stream, a JSON document on each line, to be checked without the server. The last
/// line says that nothing is missing.
#[utoipa::path(get, path = "/api/audit/chain", tag = "audit", params(AuditRange),
    responses((status = 200, body = ChainLine, content_type = "application/x-ndjson"), Problems))]
pub(crate) async fn chain(
    State(app): State<App>,
    Known(caller): Known,
    Query(range): Query<AuditRange>,
) -> Answer<Response> {
    let reader = app.control.read_chain(&caller, &range).await?;
    let pieces = stream::unfold(reader, |mut reader| async move {
        let lines = reader.next().await.transpose()?;
        let piece: Result<String, ControlError> = lines.and_then(|lines| written(&lines));
        Some((piece, reader))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit-chain.ndjson\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    // Compressing asks once more after the end.
    Ok((headers, Body::from_stream(pieces.fuse())).into_response())
}

/// Lists the public keys that sign and signed the chain.
#[utoipa::path(get, path = "/api/audit/keys", tag = "audit", responses((status = 200, body = AuditKeyList), Problems))]
pub(crate) async fn keys(State(app): State<App>, Known(caller): Known) -> Answer<Json<AuditKeyList>> {
    let items = app.control.audit_keys(&caller).await?;
    Ok(Json(AuditKeyList { items }))
}

fn written(lines: &[ChainLine]) -> Result<String, ControlError> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&serde_json::to_string(line).map_err(ControlError::internal)?);
        text.push('\n');
    }
    Ok(text)
}
