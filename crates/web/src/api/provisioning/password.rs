//! `PUT /api/provisioning/tenant/password`

use super::check_node;
use crate::App;
use crate::answer::{located, settled, status};
use crate::identity::Known;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::Control;
use wire::provisioning::{PasswordChanged, ProvisionPassword};
use wire::tenant::SetPassword;

/// Sets the administrator's password.
#[utoipa::path(put, path = "/api/provisioning/tenant/password", tag = "provisioning", request_body = ProvisionPassword,
    responses((status = 200, body = PasswordChanged), (status = 202, body = PasswordChanged), Problems))]
pub(crate) async fn password(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<ProvisionPassword>,
) -> Answer<Response> {
    let name = Control::name("subdomain", request.subdomain.as_deref())?;
    check_node(&app, &caller, &name, request.server.as_deref()).await?;
    let body = SetPassword {
        new_password: request.new_password,
        end_sessions: false,
    };
    let operation = app.control.set_password(&caller, &name, body).await?;
    let record = settled(&app, &caller, operation, prefer).await?;
    let done = record.state.is_final();
    let language = Language::current();
    let message = match done {
        true => language.pick(
            "The administrator's password is set.",
            "La contraseña del administrador está cambiada.",
        ),
        false => language.pick(
            "The password is being set; follow the operation.",
            "La contraseña se está cambiando; siga la operación.",
        ),
    };
    let body = PasswordChanged {
        success: done,
        subdomain: name.to_string(),
        message: message.to_owned(),
        operation: record.id.to_string(),
    };
    Ok(located(
        (status(&record, StatusCode::OK), Json(body)).into_response(),
        &record,
    ))
}
