//! `POST /api/provisioning/tenants/maintenance`, `POST /api/provisioning/repair-deployments` and
//! `GET /api/provisioning/deployment-status`: whether tenants have the files that their databases name.

use crate::App;
use crate::answer::location;
use crate::api::bulk::finished;
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
use control::{Caller, Control};
use domain::{FieldError, OperationState, Rule, Subdomain, TenantId};
use std::collections::HashMap;
use store::{OperationRecord, TenantRecord};
use wire::node::{Facts, TenantCheck};
use wire::provisioning::{DeploymentStatus, DeploymentStatuses, MaintenanceReport, ProvisionMaintenance};
use wire::tenant::BulkChange;

/// A tenant with fewer files is worth a person's look, unless the caller says otherwise.
const FEW_FILES: u64 = 400;
/// No tenant has more.
const MOST_FILES: u64 = 1_000_000_000;

/// Checks the files of one tenant or of all, and brings missing ones back if asked to.
#[utoipa::path(post, path = "/api/provisioning/tenants/maintenance", tag = "provisioning",
    request_body = ProvisionMaintenance,
    responses((status = 200, body = MaintenanceReport), (status = 202, body = MaintenanceReport), Problems))]
pub(crate) async fn maintain(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<ProvisionMaintenance>,
) -> Answer<Response> {
    let tenant = request.tenant.as_deref();
    let tenant = tenant
        .map(|name| Control::name("tenant", Some(name)))
        .transpose()?;
    let few = request.min_files.unwrap_or(FEW_FILES);
    if few > MOST_FILES {
        let max = i64::try_from(MOST_FILES).unwrap_or(i64::MAX);
        let rule = Rule::Range { min: 0, max };
        return Err(Failure::fields(vec![FieldError::new("min_files", rule)]));
    }
    check(&app, &caller, prefer, tenant, request.repair, few).await
}

/// Checks the files of every tenant and brings missing ones back.
#[utoipa::path(post, path = "/api/provisioning/repair-deployments", tag = "provisioning",
    responses((status = 200, body = MaintenanceReport), (status = 202, body = MaintenanceReport), Problems))]
pub(crate) async fn repair(State(app): State<App>, Known(caller): Known, prefer: Prefer) -> Answer<Response> {
    check(&app, &caller, prefer, None, true, FEW_FILES).await
}

/// Says what the last check of each tenant found; checks nothing.
#[utoipa::path(get, path = "/api/provisioning/deployment-status", tag = "provisioning",
    responses((status = 200, body = DeploymentStatuses), Problems))]
pub(crate) async fn status(State(app): State<App>, Known(caller): Known) -> Answer<Json<DeploymentStatuses>> {
    let deployments = statuses(&app, &caller, None, FEW_FILES).await?;
    Ok(Json(DeploymentStatuses {
        total: deployments.len(),
        deployments,
    }))
}

async fn check(
    app: &App,
    caller: &Caller,
    prefer: Prefer,
    tenant: Option<Subdomain>,
    repair: bool,
    few: u64,
) -> Answer<Response> {
    if let Some(name) = &tenant {
        app.control.tenant(caller, name).await?;
    }
    let change = BulkChange {
        action: Some("check".to_owned()),
        all: tenant.is_none(),
        subdomains: tenant.as_ref().map(|name| vec![name.to_string()]),
        repair,
        ..BulkChange::default()
    };
    let begun = app.control.bulk(caller, &change).await?;
    let Some(id) = begun.operation.as_deref().and_then(|id| id.parse().ok()) else {
        return Err(Failure::of(crate::problem::Kind::Internal));
    };
    let outcome = finished(app, caller, id, prefer).await?;
    let results = statuses(app, caller, tenant.as_ref(), few).await?;
    let checked = outcome
        .tenants
        .iter()
        .filter(|part| part.outcome == "succeeded")
        .count();
    let broken = results.iter().any(|result| result.status == "broken");
    let success = outcome.finished && checked == outcome.found && !broken;
    let report = MaintenanceReport {
        success,
        message: message(outcome.finished, success).to_owned(),
        checked,
        repaired_files: results.iter().filter_map(|result| result.repaired_files).sum(),
        results,
        operation: Some(id.to_string()),
    };
    let status = match outcome.finished {
        true => StatusCode::OK,
        false => StatusCode::ACCEPTED,
    };
    Ok(location((status, Json(report)).into_response(), id))
}

fn message(finished: bool, success: bool) -> &'static str {
    let language = Language::current();
    match (finished, success) {
        (false, _) => language.pick(
            "It is under way; follow the operation.",
            "Está en curso; siga la operación.",
        ),
        (true, true) => language.pick(
            "Every tenant was checked, and no file is missing.",
            "Se revisaron todos los espacios y no falta ningún archivo.",
        ),
        (true, false) => language.pick(
            "Not every tenant is whole; see the results.",
            "No todos los espacios están completos; vea los resultados.",
        ),
    }
}

async fn statuses(
    app: &App,
    caller: &Caller,
    only: Option<&Subdomain>,
    few: u64,
) -> Answer<Vec<DeploymentStatus>> {
    let tenants = app.control.all_tenants(caller, None).await?;
    let checks = app.control.last_checks(caller).await?;
    let checks: HashMap<TenantId, OperationRecord> = checks
        .into_iter()
        .filter_map(|check| check.tenant.map(|tenant| (tenant, check)))
        .collect();
    let wanted =
        |tenant: &TenantRecord| only.is_none_or(|name| name.database() == tenant.subdomain.database());
    let views = tenants
        .iter()
        .filter(|tenant| wanted(tenant))
        .map(|tenant| view(tenant, checks.get(&tenant.id), few));
    Ok(views.collect())
}

fn view(tenant: &TenantRecord, check: Option<&OperationRecord>, few: u64) -> DeploymentStatus {
    let facts = check.and_then(|check| check.facts.clone());
    let found = facts
        .and_then(|facts| serde_json::from_value::<Facts>(facts).ok())
        .and_then(|facts| facts.check);
    let failed = check.is_some_and(|check| check.state == OperationState::Failed);
    let failure = check.and_then(|check| check.failure.as_ref());
    DeploymentStatus {
        subdomain: tenant.subdomain.to_string(),
        database: tenant.subdomain.database().to_string(),
        server: tenant.node.to_string(),
        url: tenant.url(),
        state: tenant.state.to_string(),
        status: word(found.as_ref(), failed, few).to_owned(),
        checked_at: check.and_then(|check| check.finished_at),
        files: found.as_ref().map(|found| found.files),
        missing_files: found.as_ref().map(|found| found.missing_files),
        repaired_files: found.as_ref().map(|found| found.repaired_files),
        detail: failure.map(|failure| failure.detail.clone()),
    }
}

fn word(found: Option<&TenantCheck>, failed: bool, few: u64) -> &'static str {
    match found {
        _ if failed => "failed",
        None => "unchecked",
        Some(found) if found.missing_files > 0 || !found.gate_right || !found.marker_right => "broken",
        Some(found) if found.files < few => "few-files",
        Some(_) => "healthy",
    }
}
