//! Downloads: links with which what backups hold can be fetched. What they open is in `pages/download.rs`.

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Query, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{BackupId, DownloadId, Subdomain};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::export::{DownloadRequest, DownloadView};

/// Which links.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DownloadQuery {
    /// Only of this tenant, by its name now or then.
    #[serde(default)]
    subdomain: Option<String>,
    /// 1 to 200; 50 by default.
    #[serde(default)]
    limit: Option<i64>,
}

/// Links, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DownloadList {
    /// The links.
    items: Vec<DownloadView>,
}

/// Makes a link with which what a backup holds can be fetched: all of it, the database, attachments that fit, or one table.
#[utoipa::path(post, path = "/api/backups/{id}/downloads", tag = "backups", request_body = DownloadRequest,
    params(("id" = String, Path)), responses((status = 201, body = DownloadView), Problems))]
pub(crate) async fn of_backup(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BackupId>,
    Body(request): Body<DownloadRequest>,
) -> Answer<(StatusCode, Json<DownloadView>)> {
    let made = app.control.download_backup(&caller, id, &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes a backup of a tenant as it is now, and makes a link to it, which works once the backup is whole.
#[utoipa::path(post, path = "/api/tenants/{subdomain}/downloads", tag = "backups", request_body = DownloadRequest,
    params(("subdomain" = String, Path)), responses((status = 201, body = DownloadView), Problems))]
pub(crate) async fn of_tenant(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
    Body(request): Body<DownloadRequest>,
) -> Answer<(StatusCode, Json<DownloadView>)> {
    let made = app.control.download_tenant(&caller, &name, &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Lists links, the newest first, with who came for what they open. The links themselves are told once, when they are made.
#[utoipa::path(get, path = "/api/downloads", tag = "backups", params(DownloadQuery),
    responses((status = 200, body = DownloadList), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<DownloadQuery>,
) -> Answer<Json<DownloadList>> {
    let found = app
        .control
        .downloads(&caller, query.subdomain.as_deref(), query.limit);
    Ok(Json(DownloadList { items: found.await? }))
}

/// Shows a link: how it stands, and who came for what it opens.
#[utoipa::path(get, path = "/api/downloads/{id}", tag = "backups", params(("id" = String, Path)),
    responses((status = 200, body = DownloadView), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<DownloadId>,
) -> Answer<Json<DownloadView>> {
    Ok(Json(app.control.download(&caller, id).await?))
}

/// Takes a link back. Whoever fetches with it at this moment is cut off.
#[utoipa::path(delete, path = "/api/downloads/{id}", tag = "backups", params(("id" = String, Path)),
    responses((status = 200, body = DownloadView), Problems))]
pub(crate) async fn revoke(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<DownloadId>,
) -> Answer<Json<DownloadView>> {
    Ok(Json(app.control.revoke_download(&caller, id).await?))
}
