//! `POST /api/provisioning/tenant`

use super::{in_its_words, named_node};
use crate::App;
use crate::answer::{after_begin, located, settled, status};
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
use control::Registration;
use wire::provisioning::{ProvisionTenant, ProvisionedTenant};
use wire::tenant::CreateTenant;

/// Makes a tenant from a name and little else.
#[utoipa::path(post, path = "/api/provisioning/tenant", tag = "provisioning", request_body = ProvisionTenant,
    responses((status = 200, body = ProvisionedTenant), (status = 202, body = ProvisionedTenant), Problems))]
pub(crate) async fn create(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<ProvisionTenant>,
) -> Answer<Response> {
    let wanted = CreateTenant {
        node: named_node(request.server.as_deref())?.map(String::from),
        company_name: request.company_name,
        admin_email: request.admin_email,
        subdomain: request.subdomain,
        plan: request.plan,
        product: None,
        domain: request.domain,
        node_labels: None,
        template: request.template_db,
        admin_password: request.admin_password,
        language: request.language,
        country: None,
        timezone: None,
        expires_at: None,
    };
    let begun = app
        .control
        .create_tenant(&caller, wanted, Registration::NameOnly)
        .await;
    let operation =
        begun.map_err(|error| in_its_words(error, &[("node", "server"), ("template", "template_db")]))?;
    let record = settled(&app, &caller, operation, prefer).await?;
    let change = app
        .control
        .tenant_change(&caller, &record)
        .await
        .map_err(after_begin(record.id))?;
    let done = record.state.is_final();
    let body = ProvisionedTenant {
        success: done,
        subdomain: change.tenant.subdomain,
        url: change.tenant.url,
        message: message(done).to_owned(),
        database: change.tenant.database,
        dns_created: false,
        server: change.tenant.node,
        operation: record.id.to_string(),
        set_password_link: change.set_password_link,
    };
    Ok(located(
        (status(&record, StatusCode::OK), Json(body)).into_response(),
        &record,
    ))
}

fn message(done: bool) -> &'static str {
    let language = Language::current();
    match done {
        true => language.pick("The tenant is ready.", "El espacio está listo."),
        false => language.pick(
            "The tenant is being made; follow the operation.",
            "El espacio se está creando; siga la operación.",
        ),
    }
}
