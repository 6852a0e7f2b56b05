//! `POST /api/tenants/{subdomain}/password`

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
use wire::tenant::{SetPassword, TenantChange};

/// Sets the administrator's password; says so when there is no administrator to set it for.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/password", tag = "tenants", request_body = SetPassword,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn password(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<SetPassword>,
) -> Answer<Response> {
    let operation = app.control.set_password(&caller, &name, request).await?;
    change(&app, &caller, operation, prefer, StatusCode::OK).await
}
