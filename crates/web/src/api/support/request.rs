//! `POST /api/tenants/{subdomain}/support`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Subdomain;
use wire::support::{RequestSupport, SupportAccess};

/// Asks for a support access to a tenant: with a reason, for a time. The customer sees it.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/support", tag = "support", request_body = RequestSupport,
    params(("subdomain" = String, Path)), responses((status = 201, body = SupportAccess), Problems))]
pub(crate) async fn request(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    Body(request): Body<RequestSupport>,
) -> Answer<(StatusCode, Json<SupportAccess>)> {
    let made = app.control.request_support(&caller, &name, &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
