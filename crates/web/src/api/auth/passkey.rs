//! `/api/auth/passkeys`: one's own passkeys; `/api/auth/passkey`: signing in with one alone.

use super::{signed_in, transport};
use crate::App;
use crate::client::Asking;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::PasskeyId;
use wire::factor::{AddPasskey, PasskeyAdded, PasskeyCeremony, PasskeyList, PasskeySignIn};
use wire::person::SignedIn;

/// Lists one's passkeys.
#[utoipa::path(get, path = "/api/auth/passkeys", tag = "auth",
    responses((status = 200, body = PasskeyList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<PasskeyList>> {
    Ok(Json(app.control.passkeys(&caller).await?))
}

/// Begins to add a passkey: what the browser is to make one with.
#[utoipa::path(post, path = "/api/auth/passkeys/options", tag = "auth",
    responses((status = 200, body = PasskeyCeremony), Problems))]
pub(crate) async fn options(State(app): State<App>, Known(caller): Known) -> Answer<Json<PasskeyCeremony>> {
    Ok(Json(app.control.begin_passkey(&caller).await?))
}

/// Adds the passkey that the browser made. The first second factor brings ten recovery codes along, shown this once.
#[utoipa::path(post, path = "/api/auth/passkeys", tag = "auth", request_body = AddPasskey,
    responses((status = 201, body = PasskeyAdded), (status = 410, body = wire::problem::Problem,
        content_type = "application/problem+json", description = "The challenge is over."), Problems))]
pub(crate) async fn add(
    State(app): State<App>,
    Known(caller): Known,
    Asking(client): Asking,
    Body(request): Body<AddPasskey>,
) -> Answer<(StatusCode, Json<PasskeyAdded>)> {
    let added = app.control.add_passkey(&caller, &client, &request).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Takes one of one's passkeys away.
#[utoipa::path(delete, path = "/api/auth/passkeys/{passkey}", tag = "auth", params(("passkey" = String, Path)),
    responses((status = 204, description = "Taken away."), Problems))]
pub(crate) async fn remove(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<PasskeyId>,
) -> Answer<StatusCode> {
    app.control.remove_passkey(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a sign-in with a passkey alone: what the browser is to have signed. Nothing is said of who has one.
#[utoipa::path(post, path = "/api/auth/passkey/options", tag = "auth", security(()),
    responses((status = 200, body = PasskeyCeremony), Problems))]
pub(crate) async fn begin(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
) -> Answer<Json<PasskeyCeremony>> {
    Ok(Json(app.control.begin_passkey_sign_in(&client).await?))
}

/// Signs in with a passkey alone, which verified its holder and says itself whose it is.
#[utoipa::path(post, path = "/api/auth/passkey/login", tag = "auth", request_body = PasskeySignIn, security(()),
    responses((status = 200, body = SignedIn), (status = 410, body = wire::problem::Problem,
        content_type = "application/problem+json", description = "The challenge is over."), Problems))]
pub(crate) async fn login(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Body(request): Body<PasskeySignIn>,
) -> Answer<Response> {
    let transport = transport(request.transport.as_deref())?;
    let done = app.control.sign_in_with_passkey(&client, &request).await?;
    Ok(signed_in(&app, &done, transport))
}
