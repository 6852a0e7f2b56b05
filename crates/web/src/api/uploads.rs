//! `/api/uploads` and `/api/imports`: a file comes in piece by piece, each where the last one ended, and becomes a tenant. What tus calls
//! its core protocol: the offset is asked for, and the next piece says it in `Upload-Offset`.

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::{Answer, Failure, Kind};
use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use control::{Control, Place};
use domain::{Action, FieldError, Rule, UploadId};
use http_body_util::BodyExt as _;
use serde::Serialize;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use utoipa::ToSchema;
use wire::import::{ImportRequest, UploadRequest, UploadView};
use wire::problem::Problem;
use wire::tenant::TenantChange;

/// Where these routes stand, for the limits that do not hold for them.
pub(crate) const PREFIX: &str = "/api/uploads/";
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// How long nothing may come of a piece.
const STILL: Duration = Duration::from_secs(60);

/// The uploads that somebody writes at this moment, at this server.
static WRITTEN: LazyLock<Mutex<HashSet<UploadId>>> = LazyLock::new(Mutex::default);

/// Begins to upload a file. Its pieces go to `/api/uploads/{id}`.
#[utoipa::path(post, path = "/api/uploads", tag = "imports", request_body = UploadRequest,
    responses((status = 201, body = UploadView), (status = 507, body = Problem, content_type = "application/problem+json"), Problems))]
pub(crate) async fn begin(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<UploadRequest>,
) -> Answer<(StatusCode, Json<UploadView>)> {
    let begun = app.control.begin_upload(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(begun)))
}

/// The uploads that are open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadList {
    /// The uploads, the newest first.
    items: Vec<UploadView>,
}

/// Lists the uploads of which no tenant was made yet: how much of each is there, and until when they stay.
#[utoipa::path(get, path = "/api/uploads", tag = "imports", responses((status = 200, body = UploadList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<UploadList>> {
    let items = app.control.uploads(&caller).await?;
    Ok(Json(UploadList { items }))
}

/// Shows an upload: how much of it is there, which is where the next piece begins.
#[utoipa::path(get, path = "/api/uploads/{id}", tag = "imports", params(("id" = String, Path)),
    responses((status = 200, body = UploadView), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<UploadId>,
) -> Answer<Json<UploadView>> {
    Ok(Json(app.control.upload(&caller, id).await?))
}

/// Takes a piece, whose beginning `Upload-Offset` says. What came of one that broke off stays.
#[utoipa::path(patch, path = "/api/uploads/{id}", tag = "imports", params(("id" = String, Path), ("Upload-Offset" = u64, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204), (status = 507, body = Problem, content_type = "application/problem+json"), Problems))]
pub(crate) async fn piece(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<UploadId>,
    headers: HeaderMap,
    request: Request,
) -> Answer<(StatusCode, [(HeaderName, HeaderValue); 1])> {
    caller.require(Action::ImportTenant)?;
    let offset = headers
        .get(&OFFSET)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let missing = || Failure::fields(vec![FieldError::new("Upload-Offset", Rule::Required)]);
    let offset = offset.ok_or_else(missing)?;
    let _writing = Writing::begin(id).ok_or_else(|| Failure::of(Kind::Busy))?;
    let place = app.control.upload_place(&caller, id, offset).await?;
    let there = append(place, offset, request.into_body()).await?;
    Ok((StatusCode::NO_CONTENT, [(OFFSET, HeaderValue::from(there))]))
}

/// Gives an upload up.
#[utoipa::path(delete, path = "/api/uploads/{id}", tag = "imports", params(("id" = String, Path)),
    responses((status = 204), Problems))]
pub(crate) async fn give_up(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<UploadId>,
) -> Answer<StatusCode> {
    app.control.drop_upload(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new tenant of an upload that is whole.
#[utoipa::path(post, path = "/api/imports", tag = "imports", request_body = ImportRequest,
    responses((status = 201, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn import(
    State(app): State<App>,
    Known(caller): Known,
    prefer: Prefer,
    Body(request): Body<ImportRequest>,
) -> Answer<Response> {
    let operation = app.control.import_tenant(&caller, &request).await?;
    change(&app, &caller, operation, prefer, StatusCode::CREATED).await
}

/// Writes what comes behind what is there; gives how much is there then.
async fn append(place: Place, offset: u64, mut body: Bytes) -> Answer<u64> {
    let mut file = OpenOptions::new()
        .write(true)
        .open(&place.path)
        .await
        .map_err(unwritten)?;
    file.seek(std::io::SeekFrom::Start(offset))
        .await
        .map_err(unwritten)?;
    let mut there = offset;
    let ended: Answer<()> = loop {
        let frame = match timeout(STILL, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break Ok(()),
            Ok(Some(Err(_))) => break Err(Failure::of(Kind::Malformed)),
            Err(_) => break Err(Failure::of(Kind::SlowBody)),
        };
        let Ok(data) = frame.into_data() else { continue };
        if there + data.len() as u64 > place.bytes {
            break Err(Failure::of(Kind::TooLarge));
        }
        if let Err(error) = file.write_all(&data).await {
            break Err(unwritten(error));
        }
        there += data.len() as u64;
    };
    // What came stays, also of a piece that broke off.
    if let Err(error) = force(&mut file).await {
        // What is not surely on the disk does not count: what was there before is.
        if let Err(error) = file.set_len(offset).await {
            tracing::warn!(%error, "an upload could not be cut back to what is surely there");
        }
        return Err(unwritten(error));
    }
    ended.map(|()| there)
}

async fn force(file: &mut File) -> std::io::Result<()> {
    file.flush().await?;
    file.sync_data().await
}

/// Why a piece was not written. A full disk is what somebody else has to mend, and the upload goes on afterwards.
fn unwritten(error: std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            tracing::warn!(%error, "there is no room for an upload");
            Failure::of(Kind::DiskFull)
        }
        _ => {
            tracing::error!(%error, "a piece of an upload was not written");
            Failure::of(Kind::Internal)
        }
    }
}

/// The right to write an upload.
struct Writing(UploadId);

impl Writing {
    fn begin(id: UploadId) -> Option<Self> {
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(id).then(|| Self(id))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        WRITTEN
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.0);
    }
}

/// The bytes of an upload for the node that makes a tenant of it; nothing for another transfer.
pub(crate) async fn for_node(control: &Control, transfer: domain::TransferId) -> Answer<Option<Bytes>> {
    let Some(path) = control.upload_of_transfer(transfer).await? else {
        return Ok(None);
    };
    let opened = File::open(path).await;
    let file = opened.map_err(|_| Failure::of(Kind::NotFound))?;
    let pieces = futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; 256 << 10];
        let count = tokio::io::AsyncReadExt::read(&mut file, &mut piece).await?;
        piece.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then_some((piece, file)))
    });
    Ok(Some(Bytes::from_stream(pieces)))
}
