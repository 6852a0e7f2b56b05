//! `GET /api/auth/sessions`, `DELETE /api/auth/sessions/{id}` and `GET /api/auth/history`

use crate::App;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::SessionId;
use wire::person::{SessionList, SignInHistory};

/// Lists one's own sessions in force.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "auth", responses((status = 200, body = SessionList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<SessionList>> {
    let items = app.control.sessions(&caller).await?;
    Ok(Json(SessionList { items }))
}

/// Ends one of one's own sessions at once.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "auth", params(("id" = String, Path)),
    responses((status = 204, description = "Ended."), Problems))]
pub(crate) async fn end(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<SessionId>,
) -> Answer<StatusCode> {
    app.control.end_session(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists who tried to sign in as oneself, the last hundred.
#[utoipa::path(get, path = "/api/auth/history", tag = "auth", responses((status = 200, body = SignInHistory), Problems))]
pub(crate) async fn history(State(app): State<App>, Known(caller): Known) -> Answer<Json<SignInHistory>> {
    let items = app.control.sign_ins(&caller).await?;
    Ok(Json(SignInHistory { items }))
}
