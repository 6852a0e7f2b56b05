//! `PUT /api/provisioning/tenant/email`

use super::check_node;
use crate::App;
use crate::answer::{located, settled, status};
use crate::identity::Known;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::{Answer, Failure};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::Control;
use domain::{EmailAddress, FieldError, Rule};
use wire::provisioning::{EmailChanged, ProvisionEmail};

/// Gives the administrator another e-mail address; where the address was the login, the new one is.
#[utoipa::path(put, path = "/api/provisioning/tenant/email", tag = "provisioning", request_body = ProvisionEmail,
    responses((status = 200, body = EmailChanged), (status = 202, body = EmailChanged), Problems))]
pub(crate) async fn email(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<ProvisionEmail>,
) -> Answer<Response> {
    let name = Control::name("subdomain", request.subdomain.as_deref())?;
    let text = request.new_email.as_deref().ok_or(Rule::Required);
    let email: EmailAddress = text
        .and_then(str::parse)
        .map_err(|rule| Failure::fields(vec![FieldError::new("new_email", rule)]))?;
    check_node(&app, &caller, &name, request.server.as_deref()).await?;
    let operation = app.control.set_email(&caller, &name, email.clone()).await?;
    let record = settled(&app, &caller, operation, prefer).await?;
    let done = record.state.is_final();
    let language = Language::current();
    let message = match done {
        true => language.pick(
            "The administrator's e-mail address is set.",
            "El correo del administrador está cambiado.",
        ),
        false => language.pick(
            "The e-mail address is being set; follow the operation.",
            "El correo se está cambiando; siga la operación.",
        ),
    };
    let body = EmailChanged {
        success: done,
        subdomain: name.to_string(),
        new_email: email.to_string(),
        message: message.to_owned(),
        operation: record.id.to_string(),
    };
    Ok(located(
        (status(&record, StatusCode::OK), Json(body)).into_response(),
        &record,
    ))
}
