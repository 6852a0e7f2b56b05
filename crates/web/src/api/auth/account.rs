//! `GET /api/auth/me` and `PUT /api/auth/password`

use crate::App;
use crate::client::Asking;
use crate::identity::Known;
use crate::input::Body;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wire::person::{ChangePassword, Me};

/// Who is signed in, and what they are.
#[utoipa::path(get, path = "/api/auth/me", tag = "auth", responses((status = 200, body = Me), Problems))]
pub(crate) async fn me(State(app): State<App>, Known(caller): Known) -> Answer<Json<Me>> {
    Ok(Json(app.control.me(&caller).await?))
}

/// Sets another password of one's own. Every other session ends with the old one.
#[utoipa::path(put, path = "/api/auth/password", tag = "auth", request_body = ChangePassword,
    responses((status = 204, description = "Changed."), Problems))]
pub(crate) async fn password(
    State(app): State<App>,
    Known(caller): Known,
    Asking(client): Asking,
    Body(request): Body<ChangePassword>,
) -> Answer<StatusCode> {
    app.control.change_password(&caller, &client, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}
