//! `PUT /api/provisioning/tenant/suspend`

use super::{check_node, in_its_words};
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
use domain::TenantState;
use wire::provisioning::{ProvisionSuspension, SuspensionChanged};
use wire::tenant::{ResumeTenant, SuspendTenant};

/// Suspends a tenant for an unpaid bill, or lets it go on.
#[utoipa::path(put, path = "/api/provisioning/tenant/suspend", tag = "provisioning", request_body = ProvisionSuspension,
    responses((status = 200, body = SuspensionChanged), (status = 202, body = SuspensionChanged), Problems))]
pub(crate) async fn suspend(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<ProvisionSuspension>,
) -> Answer<Response> {
    let name = Control::name("subdomain", request.subdomain.as_deref())?;
    check_node(&app, &caller, &name, request.server.as_deref()).await?;
    let wanted = request.suspend.unwrap_or(true);
    let operation = if wanted {
        let body = SuspendTenant {
            reason: Some("unpaid".to_owned()),
            note: request.reason.clone(),
            form: None,
        };
        let begun = app.control.suspend_tenant(&caller, &name, body).await;
        begun.map_err(|error| in_its_words(error, &[("note", "reason")]))?
    } else {
        app.control
            .resume_tenant(
                &caller,
                &name,
                ResumeTenant {
                    reason: Some("unpaid".to_owned()),
                },
            )
            .await?
    };
    let record = settled(&app, &caller, operation, prefer).await?;
    let done = record.state.is_final();
    // Another reason may stand, so the tenant is asked, not the request.
    let state = app.control.tenant(&caller, &name).await?.state;
    let suspended = state == TenantState::Suspended;
    let body = SuspensionChanged {
        success: done,
        subdomain: name.to_string(),
        suspended,
        status: state.to_string(),
        reason: request.reason,
        message: message(suspended, done).to_owned(),
        operation: record.id.to_string(),
    };
    Ok(located(
        (status(&record, StatusCode::OK), Json(body)).into_response(),
        &record,
    ))
}

fn message(suspended: bool, done: bool) -> &'static str {
    let language = Language::current();
    match (suspended, done) {
        (true, true) => language.pick("The tenant is suspended.", "El espacio está suspendido."),
        (false, true) => language.pick(
            "The tenant is in service again.",
            "El espacio está de nuevo en servicio.",
        ),
        (_, false) => language.pick(
            "It is under way; follow the operation.",
            "Está en curso; siga la operación.",
        ),
    }
}
