//! `POST /api/tenants/{subdomain}/backups` and what can be done with a backup.

use crate::App;
use crate::answer::{located, settled, status};
use crate::identity::Known;
use crate::input::{Body, Query, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::{Caller, operation_view};
use domain::{BackupId, OperationId, Subdomain};
use wire::backups::{BackupView, HoldBackup, RestoreRequest, TakeBackup, VerifyRequest};
use wire::operation::Operation;
use wire::tenant::Confirmation;

pub(super) async fn followed(
    app: &App,
    caller: &Caller,
    operation: OperationId,
    prefer: Prefer,
) -> Answer<Response> {
    let record = settled(app, caller, operation, prefer).await?;
    let answer = (
        status(&record, StatusCode::OK),
        Json(operation_view(record.clone())),
    );
    Ok(located(answer.into_response(), &record))
}

/// Takes a backup of a tenant now, in use or closed. The tenant stays as it is. While one is taken into a store another may wait; a
/// third is refused with `backup-waits` and the operation of the one that waits.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/backups", tag = "backups", request_body = TakeBackup,
    params(("subdomain" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = Operation), Problems))]
pub(crate) async fn take(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    prefer: Prefer,
    Body(request): Body<TakeBackup>,
) -> Answer<Response> {
    let operation = app.control.take_backup(&caller, &name, &request).await?;
    followed(&app, &caller, operation, prefer).await
}

/// Looks whether a backup is whole: reads and decrypts every byte of it, or restores it into a scratch database for proof.
#[utoipa::path(post, path = "/api/backups/{id}/verify", tag = "backups", request_body = VerifyRequest,
    params(("id" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = Operation), Problems))]
pub(crate) async fn verify(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BackupId>,
    prefer: Prefer,
    Body(request): Body<VerifyRequest>,
) -> Answer<Response> {
    let operation = app.control.verify_backup(&caller, id, &request).await?;
    followed(&app, &caller, operation, prefer).await
}

/// Brings a tenant back from a backup, in the place of what is there, of which a backup is taken before; or makes a new tenant of it.
#[utoipa::path(post, path = "/api/backups/{id}/restore", tag = "backups", request_body = RestoreRequest,
    params(("id" = String, Path)),
    responses((status = 200, body = Operation), (status = 202, body = Operation), Problems))]
pub(crate) async fn restore(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BackupId>,
    prefer: Prefer,
    Body(request): Body<RestoreRequest>,
) -> Answer<Response> {
    let operation = app.control.restore_backup(&caller, id, &request).await?;
    followed(&app, &caller, operation, prefer).await
}

/// Says whether a backup stays, whatever its store's rules say.
#[utoipa::path(put, path = "/api/backups/{id}", tag = "backups", request_body = HoldBackup, params(("id" = String, Path)),
    responses((status = 200, body = BackupView), Problems))]
pub(crate) async fn hold(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BackupId>,
    Body(request): Body<HoldBackup>,
) -> Answer<Json<BackupView>> {
    Ok(Json(app.control.hold_backup(&caller, id, &request).await?))
}

/// Forgets a backup before its time; `confirm` repeats its tenant's name.
#[utoipa::path(delete, path = "/api/backups/{id}", tag = "backups", params(("id" = String, Path), Confirmation),
    responses((status = 200, body = BackupView), Problems))]
pub(crate) async fn forget(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BackupId>,
    Query(confirmation): Query<Confirmation>,
) -> Answer<Json<BackupView>> {
    let confirm = confirmation.confirm.as_deref();
    Ok(Json(app.control.forget_backup(&caller, id, confirm).await?))
}
