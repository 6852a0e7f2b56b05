//! `POST /api/auth/totp/verify`

use super::{signed_in, transport};
use crate::App;
use crate::client::Asking;
use crate::input::Body;
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::Answer;
use axum::extract::State;
use axum::response::Response;
use wire::factor::SecondStep;
use wire::person::SignedIn;

/// Answers the second step of a sign-in, with a code or with a passkey.
#[utoipa::path(post, path = "/api/auth/totp/verify", tag = "auth", request_body = SecondStep, security(()),
    responses((status = 200, body = SignedIn), (status = 410, body = wire::problem::Problem,
        content_type = "application/problem+json", description = "The challenge is over."), Problems))]
pub(crate) async fn answer(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Body(request): Body<SecondStep>,
) -> Answer<Response> {
    let transport = transport(request.transport.as_deref())?;
    let done = app.control.answer_second_step(&client, &request).await?;
    Ok(signed_in(&app, &done, transport))
}
