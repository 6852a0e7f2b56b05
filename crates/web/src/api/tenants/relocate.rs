//! `POST /api/tenants/{subdomain}/move` and `POST /api/tenants/{subdomain}/move/confirm`

use crate::App;
use crate::answer::{change, located, settled, status};
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::operation_view;
use domain::Subdomain;
use wire::operation::Operation;
use wire::tenant::TenantChange;
use wire::transfer::MoveTenant;

/// Moves a tenant to another node: copied while it is in use, closed for a moment, checked, opened there. The copy that is
/// left stays where it was, closed, until the move is confirmed or its time is over.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/move", tag = "tenants", request_body = MoveTenant,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn relocate(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<MoveTenant>,
) -> Answer<Response> {
    let operation = app.control.move_tenant(&caller, &name, &request).await?;
    change(&app, &caller, operation, prefer, StatusCode::OK).await
}

/// Drops the copy that the tenant's move left. It cannot go back to it after that.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/move/confirm", tag = "tenants",
    params(("subdomain" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = Operation), Problems))]
pub(crate) async fn confirm(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
) -> Answer<Response> {
    let operation = app.control.confirm_move(&caller, &name).await?;
    let record = settled(&app, &caller, operation, prefer).await?;
    let answer = (
        status(&record, StatusCode::OK),
        Json(operation_view(record.clone())),
    );
    Ok(located(answer.into_response(), &record))
}
