//! `GET /api/auth/rate-limit/status`

use crate::App;
use crate::client::Asking;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use wire::person::RateLimitStatus;

/// Says whether attempts to sign in from the caller's address are refused now.
#[utoipa::path(get, path = "/api/auth/rate-limit/status", tag = "auth", security(()),
    responses((status = 200, body = RateLimitStatus), Problems))]
pub(crate) async fn status(State(app): State<App>, Asking(client): Asking) -> Answer<Json<RateLimitStatus>> {
    Ok(Json(app.control.sign_in_limit(&client).await?))
}
