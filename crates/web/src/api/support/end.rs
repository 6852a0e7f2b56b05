//! `POST /api/tenants/{subdomain}/support/{id}/end`

use crate::App;
use crate::identity::Known;
use crate::input::Segments;
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use domain::{Subdomain, SupportId};
use wire::support::SupportAccess;

/// Ends a support access, at once and for good: whoever has it gives it back, the customer takes it away. The answer
/// waits until nobody is inside any more, and `closed_at` says so; without that it follows by itself.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/support/{id}/end", tag = "support",
    params(("subdomain" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = SupportAccess), Problems))]
pub(crate) async fn end(
    State(app): State<App>,
    Known(caller): Known,
    Segments(name, id): Segments<Subdomain, SupportId>,
    prefer: Prefer,
) -> Answer<Json<SupportAccess>> {
    let (over, operation) = app.control.end_support(&caller, &name, id).await?;
    let Some(operation) = operation else {
        return Ok(Json(over));
    };
    // It is over already, whatever becomes of the waiting.
    if app.control.wait(&caller, operation, prefer.0).await.is_err() {
        return Ok(Json(over));
    }
    let all = app.control.support_of(&caller, &name).await.unwrap_or_default();
    let known = all.into_iter().find(|access| access.id == over.id);
    Ok(Json(known.unwrap_or(over)))
}
