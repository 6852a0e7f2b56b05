//! `PATCH /api/tenants/{subdomain}`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::{Control, Update};
use domain::Subdomain;
use wire::tenant::{TenantChange, UpdateTenant};

/// Changes what is known of a tenant; a new `subdomain` renames it.
#[utoipa::path(patch, path = "/api/tenants/{subdomain}", tag = "tenants", request_body = UpdateTenant,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn update(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<UpdateTenant>,
) -> Answer<Response> {
    match app.control.update_tenant(&caller, &name, request).await? {
        Update::Renaming(operation) | Update::Resuming(operation) => {
            change(&app, &caller, operation, prefer, StatusCode::OK).await
        }
        Update::Done => {
            let tenant = Control::view(app.control.tenant(&caller, &name).await?);
            let change = TenantChange {
                tenant,
                operation_id: None,
                set_password_link: None,
            };
            Ok(Json(change).into_response())
        }
    }
}
