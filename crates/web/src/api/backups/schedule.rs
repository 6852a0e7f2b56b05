//! `/api/tenants/{subdomain}/backup-schedule` and `/api/plans/{name}/backup-schedule`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use domain::{PlanName, Subdomain};
use wire::backups::{BackupSchedule, BackupScheduleView};
use wire::catalogue::Plan;

/// Shows when a tenant is backed up by the clock, who says so, and when the next backup is due.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/backup-schedule", tag = "backups",
    params(("subdomain" = String, Path)), responses((status = 200, body = BackupScheduleView), Problems))]
pub(crate) async fn of_tenant(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<BackupScheduleView>> {
    Ok(Json(app.control.backup_schedule(&caller, &name).await?))
}

/// Says when a tenant is backed up by the clock. What is not said is as its plan says.
#[utoipa::path(put, path = "/api/tenants/{subdomain}/backup-schedule", tag = "backups", request_body = BackupSchedule,
    params(("subdomain" = String, Path)), responses((status = 200, body = BackupScheduleView), Problems))]
pub(crate) async fn set_of_tenant(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    Body(request): Body<BackupSchedule>,
) -> Answer<Json<BackupScheduleView>> {
    let set = app.control.set_backup_schedule(&caller, &name, &request).await?;
    Ok(Json(set))
}

/// Says when the tenants of a plan are backed up by the clock. What is not said is as the installation's settings say.
#[utoipa::path(put, path = "/api/plans/{name}/backup-schedule", tag = "catalogue", request_body = BackupSchedule,
    params(("name" = String, Path)), responses((status = 200, body = Plan), Problems))]
pub(crate) async fn set_of_plan(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<PlanName>,
    Body(request): Body<BackupSchedule>,
) -> Answer<Json<Plan>> {
    let plan = app.control.set_plan_backups(&caller, &name, &request).await?;
    Ok(Json(plan))
}
