//! `POST /api/auth/login`

use super::{role, signed_in, transport};
use crate::App;
use crate::client::Asking;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use control::{Credentials, SecondStepAsked, SignInCame};
use wire::factor::{SecondStepWanted, SignInAnswer};
use wire::person::SignIn;

/// Signs in. Whether the address or the password was wrong is not said, and takes as long. Whoever has a second factor and
/// sent no code along is asked for it, and no cookie is set before it was shown.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = SignIn, security(()),
    responses((status = 200, body = SignInAnswer), Problems))]
pub(crate) async fn login(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Body(request): Body<SignIn>,
) -> Answer<Response> {
    let transport = transport(request.transport.as_deref())?;
    match app.control.sign_in(&client, Credentials::of(&request)?).await? {
        SignInCame::Done(done) => Ok(signed_in(&app, &done, transport)),
        SignInCame::Asked(asked) => Ok(Json(SignInAnswer::SecondStep(wanted(asked))).into_response()),
    }
}

fn wanted(asked: SecondStepAsked) -> SecondStepWanted {
    SecondStepWanted {
        message: Language::current()
            .pick("Now your second factor.", "Ahora su segundo factor.")
            .to_owned(),
        role: role(asked.side).to_owned(),
        requires_totp: true,
        challenge: asked.challenge,
        methods: asked.methods.iter().map(ToString::to_string).collect(),
        expires_in: asked.expires_in,
        passkey: asked.passkey,
    }
}
