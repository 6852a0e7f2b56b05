//! `/api/auth/2fa`: codes of an app, and recovery codes.

use crate::App;
use crate::client::Asking;
use crate::identity::Known;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use wire::factor::{CodeAgain, CodeGiven, FactorStatus, RecoveryCodes, TotpSetup};
use wire::person::Message;

/// Says how one's second factors stand.
#[utoipa::path(get, path = "/api/auth/2fa/status", tag = "auth",
    responses((status = 200, body = FactorStatus), Problems))]
pub(crate) async fn status(State(app): State<App>, Known(caller): Known) -> Answer<Json<FactorStatus>> {
    Ok(Json(app.control.factor_status(&caller).await?))
}

/// Begins to set up codes of an app. The answer holds the secret and ten recovery codes, this once.
#[utoipa::path(post, path = "/api/auth/2fa/setup", tag = "auth",
    responses((status = 200, body = TotpSetup), Problems))]
pub(crate) async fn set_up(State(app): State<App>, Known(caller): Known) -> Answer<Json<TotpSetup>> {
    let begun = app.control.begin_totp(&caller).await?;
    let message = Language::current()
        .pick(
            "Read the picture with your app, keep the recovery codes, and send a code to confirm.",
            "Lea la imagen con su aplicación, guarde los códigos de recuperación y envíe un código para confirmar.",
        )
        .to_owned();
    Ok(Json(TotpSetup { message, ..begun }))
}

/// Confirms the set-up with a code of the app. Every other session ends.
#[utoipa::path(post, path = "/api/auth/2fa/verify", tag = "auth", request_body = CodeGiven,
    responses((status = 200, body = Message), Problems))]
pub(crate) async fn confirm(
    State(app): State<App>,
    Known(caller): Known,
    Asking(client): Asking,
    Body(request): Body<CodeGiven>,
) -> Answer<Json<Message>> {
    app.control.confirm_totp(&caller, &client, &request).await?;
    Ok(done(
        "The second factor is set up.",
        "El segundo factor está configurado.",
    ))
}

/// Takes the codes of the app away, with a code or in a session that proved itself lately.
#[utoipa::path(post, path = "/api/auth/2fa/disable", tag = "auth", request_body = CodeAgain,
    responses((status = 200, body = Message), Problems))]
pub(crate) async fn disable(
    State(app): State<App>,
    Known(caller): Known,
    Asking(client): Asking,
    Body(request): Body<CodeAgain>,
) -> Answer<Json<Message>> {
    app.control.remove_totp(&caller, &client, &request).await?;
    Ok(done("The codes were taken away.", "Los códigos se retiraron."))
}

/// Makes ten other recovery codes; the earlier ones are void.
#[utoipa::path(post, path = "/api/auth/2fa/backup-codes/regenerate", tag = "auth", request_body = CodeAgain,
    responses((status = 200, body = RecoveryCodes), Problems))]
pub(crate) async fn renew(
    State(app): State<App>,
    Known(caller): Known,
    Asking(client): Asking,
    Body(request): Body<CodeAgain>,
) -> Answer<Json<RecoveryCodes>> {
    let made = app
        .control
        .renew_recovery_codes(&caller, &client, &request)
        .await?;
    let message = Language::current()
        .pick(
            "The earlier codes are void.",
            "Los códigos anteriores ya no valen.",
        )
        .to_owned();
    Ok(Json(RecoveryCodes { message, ..made }))
}

fn done(english: &'static str, spanish: &'static str) -> Json<Message> {
    let message = Language::current().pick(english, spanish).to_owned();
    Json(Message { message })
}
