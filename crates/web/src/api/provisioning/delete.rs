//! `DELETE /api/provisioning/tenant`

use super::{check_domain, check_node};
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
use control::{Confirmed, Control};
use wire::provisioning::{DeprovisionTenant, DeprovisionedTenant};

/// Turns a tenant into a tombstone, which is kept for thirty days.
#[utoipa::path(delete, path = "/api/provisioning/tenant", tag = "provisioning", request_body = DeprovisionTenant,
    responses((status = 200, body = DeprovisionedTenant), (status = 202, body = DeprovisionedTenant), Problems))]
pub(crate) async fn delete(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<DeprovisionTenant>,
) -> Answer<Response> {
    let name = Control::name("subdomain", request.subdomain.as_deref())?;
    check_node(&app, &caller, &name, request.server.as_deref()).await?;
    check_domain(&app, &caller, &name, request.domain.as_deref()).await?;
    let operation = app
        .control
        .delete_tenant(&caller, &Confirmed::by_naming(name))
        .await?;
    let record = settled(&app, &caller, operation, prefer).await?;
    let done = record.state.is_final();
    let language = Language::current();
    let message = match done {
        true => language.pick(
            "The tenant is out of service and kept for thirty days.",
            "El espacio está fuera de servicio y se conserva treinta días.",
        ),
        false => language.pick(
            "The tenant is being deleted; follow the operation.",
            "El espacio se está borrando; siga la operación.",
        ),
    };
    let body = DeprovisionedTenant {
        success: done,
        message: message.to_owned(),
        database_deleted: done,
        dns_deleted: false,
        operation: record.id.to_string(),
    };
    Ok(located(
        (status(&record, StatusCode::OK), Json(body)).into_response(),
        &record,
    ))
}
