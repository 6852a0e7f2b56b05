//! `GET /api/backups` and `GET /api/backups/{id}`

use crate::App;
use crate::identity::Known;
use crate::input::{Query, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use crate::words::{told_backups, told_health};
use axum::Json;
use axum::extract::State;
use domain::BackupId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::backups::{BackupHealth, BackupView};

/// Which backups.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BackupQuery {
    /// Only of this tenant, by its name now or then.
    #[serde(default)]
    subdomain: Option<String>,
    /// Only in this state: `taking`, `kept`, `failed`, `damaged` or `forgotten`.
    #[serde(default)]
    state: Option<String>,
    /// Only in this store.
    #[serde(default)]
    store: Option<String>,
    /// Only those that were begun before this one: the last of the page before.
    #[serde(default)]
    before: Option<String>,
    /// 1 to 200; 50 by default.
    #[serde(default)]
    limit: Option<i64>,
}

/// Backups, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupList {
    /// The backups.
    items: Vec<BackupView>,
}

/// Lists backups, the newest first, also those that failed and those that were forgotten.
#[utoipa::path(get, path = "/api/backups", tag = "backups", params(BackupQuery),
    responses((status = 200, body = BackupList), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<BackupQuery>,
) -> Answer<Json<BackupList>> {
    let query = control::BackupQuery {
        subdomain: query.subdomain,
        state: query.state,
        store: query.store,
        before: query.before,
        limit: query.limit,
    };
    Ok(Json(BackupList {
        items: told_backups(app.control.backups(&caller, &query).await?),
    }))
}

/// Shows a backup: what is in it, and when it was last restored for proof.
#[utoipa::path(get, path = "/api/backups/{id}", tag = "backups", params(("id" = String, Path)),
    responses((status = 200, body = BackupView), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BackupId>,
) -> Answer<Json<BackupView>> {
    let shown = app.control.backup(&caller, id).await?;
    Ok(Json(told_backups(vec![shown]).remove(0)))
}

/// Says whether every tenant has a fresh backup, which have none, and which nodes' archives are broken.
#[utoipa::path(get, path = "/api/backup-health", tag = "backups", responses((status = 200, body = BackupHealth), Problems))]
pub(crate) async fn health(State(app): State<App>, Known(caller): Known) -> Answer<Json<BackupHealth>> {
    Ok(Json(told_health(app.control.backup_health(&caller).await?)))
}
