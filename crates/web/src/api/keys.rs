//! `/api/keys`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ApiKeyId;
use serde::Serialize;
use utoipa::ToSchema;
use wire::apikey::{ApiKey, CreateApiKey, NewApiKey, RotateApiKey};

/// All API keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    /// The keys, newest first.
    items: Vec<ApiKey>,
}

/// Lists the API keys, without their secrets.
#[utoipa::path(get, path = "/api/keys", tag = "keys", responses((status = 200, body = KeyList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<KeyList>> {
    Ok(Json(KeyList {
        items: app.control.keys(&caller).await?,
    }))
}

/// Makes an API key. Its secret is in this answer and never again.
#[utoipa::path(post, path = "/api/keys", tag = "keys", request_body = CreateApiKey,
    responses((status = 201, body = NewApiKey), Problems))]
pub(crate) async fn create(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<CreateApiKey>,
) -> Answer<(StatusCode, Json<NewApiKey>)> {
    Ok((
        StatusCode::CREATED,
        Json(app.control.create_key(&caller, request).await?),
    ))
}

/// Ends an API key at once.
#[utoipa::path(delete, path = "/api/keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 204, description = "Revoked."), Problems))]
pub(crate) async fn revoke(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<ApiKeyId>,
) -> Answer<StatusCode> {
    app.control.revoke_key(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a key that may do what this one may, under its name; this one ends after the overlap at the latest.
#[utoipa::path(post, path = "/api/keys/{id}/rotate", tag = "keys", params(("id" = String, Path)),
    request_body = Option<RotateApiKey>, responses((status = 201, body = NewApiKey), Problems))]
pub(crate) async fn rotate(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<ApiKeyId>,
    body: Option<Body<RotateApiKey>>,
) -> Answer<(StatusCode, Json<NewApiKey>)> {
    let request = body.map(|Body(request)| request).unwrap_or_default();
    let key = app.control.rotate_key(&caller, id, &request).await?;
    Ok((StatusCode::CREATED, Json(key)))
}
