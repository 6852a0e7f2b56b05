//! `/api/backup-stores`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::StoreName;
use serde::Serialize;
use utoipa::ToSchema;
use wire::backups::{PutStore, StoreView};

/// Stores by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoreList {
    /// The stores.
    items: Vec<StoreView>,
}

/// Lists the stores of backups with their rules and what is in them.
#[utoipa::path(get, path = "/api/backup-stores", tag = "backups", responses((status = 200, body = StoreList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<StoreList>> {
    Ok(Json(StoreList {
        items: app.control.backup_stores(&caller).await?,
    }))
}

/// Adds a store of backups, or changes it. What is not said stays as it is.
#[utoipa::path(put, path = "/api/backup-stores/{name}", tag = "backups", request_body = PutStore,
    params(("name" = String, Path)), responses((status = 200, body = StoreView), Problems))]
pub(crate) async fn put(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<StoreName>,
    Body(request): Body<PutStore>,
) -> Answer<Json<StoreView>> {
    Ok(Json(
        app.control.put_backup_store(&caller, &name, &request).await?,
    ))
}

/// Removes a store in which there never was a backup. Any other one is kept out of use by `scheduled: false`.
#[utoipa::path(delete, path = "/api/backup-stores/{name}", tag = "backups", params(("name" = String, Path)),
    responses((status = 204), Problems))]
pub(crate) async fn remove(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<StoreName>,
) -> Answer<StatusCode> {
    app.control.remove_backup_store(&caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
