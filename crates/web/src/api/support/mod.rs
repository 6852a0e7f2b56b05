//! `/api/tenants/{subdomain}/support` and what belongs to it: one file for each thing that can be done.

pub(crate) mod decide;
pub(crate) mod end;
pub(crate) mod enter;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod request;
pub(crate) mod wish;

use crate::App;
use crate::answer::{located, settled};
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control::{Caller, operation_view};
use domain::OperationId;

/// The link of an entry once the node has made it work; 202 and where to look while it has not. The same request with
/// its `Idempotency-Key` asks for it again.
async fn entrance(app: &App, caller: &Caller, id: OperationId, prefer: Prefer) -> Answer<Response> {
    let record = settled(app, caller, id, prefer).await?;
    if !record.state.is_final() {
        let body = Json(operation_view(record.clone()));
        return Ok(located((StatusCode::ACCEPTED, body).into_response(), &record));
    }
    let link = app.control.entrance(caller, &record).await?;
    let mut response = Json(link).into_response();
    let kept_nowhere = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, kept_nowhere);
    Ok(located(response, &record))
}
