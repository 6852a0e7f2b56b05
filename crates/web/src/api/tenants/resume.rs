//! `POST /api/tenants/{subdomain}/resume`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Subdomain;
use wire::tenant::{ResumeTenant, TenantChange};

/// Lets a suspended tenant go on; open sessions go on too.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/resume", tag = "tenants", request_body = Option<ResumeTenant>,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn resume(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    request: Option<Body<ResumeTenant>>,
) -> Answer<Response> {
    let operation = app
        .control
        .resume_tenant(
            &caller,
            &name,
            request.map(|Body(request)| request).unwrap_or_default(),
        )
        .await?;
    change(&app, &caller, operation, prefer, StatusCode::OK).await
}
