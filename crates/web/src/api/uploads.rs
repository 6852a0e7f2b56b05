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
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::fs::OpenOptions;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use wire::import::{ImportRequest, UploadRequest, UploadView};
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
    responses((status = 201, body = UploadView), Problems))]
pub(crate) async fn begin(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<UploadRequest>,
) -> Answer<(StatusCode, Json<UploadView>)> {
    let begun = app.control.begin_upload(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(begun)))
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
    responses((status = 204), Problems))]
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
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "a piece of an upload was not written");
        Failure::of(Kind::Internal)
    };
    let mut file = OpenOptions::new()
        .write(true)
        .open(&place.path)
        .await
        .map_err(failed)?;
    file.seek(std::io::SeekFrom::Start(offset))
        .await
        .map_err(failed)?;
    let mut there = offset;
    let ended = loop {
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
        file.write_all(&data).await.map_err(failed)?;
        there += data.len() as u64;
    };
    // What came stays, also of a piece that broke off.
    file.flush().await.map_err(failed)?;
    file.sync_data().await.map_err(failed)?;
    ended.map(|()| there)
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
    let opened = tokio::fs::File::open(path).await;
    let file = opened.map_err(|_| Failure::of(Kind::NotFound))?;
    let pieces = futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; 256 << 10];
        let count = tokio::io::AsyncReadExt::read(&mut file, &mut piece).await?;
        piece.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then_some((piece, file)))
    });
    Ok(Some(Bytes::from_stream(pieces)))
}
