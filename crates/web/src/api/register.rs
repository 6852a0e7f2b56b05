//! `POST /api/register` and `GET /api/register/address`

use super::auth::{Transport, given, transport};
use crate::App;
use crate::client::Asking;
use crate::cookies::Cookies;
use crate::input::{Body, Query};
use crate::language::Language;
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::Control;
use wire::registration::{AddressState, Register, Registered, WishedAddress};

/// Registers somebody: an account, an organization, and a workspace for a while. 404 unless the setting `registration.trial` is on. They
/// are signed in; whether somebody has the e-mail address already is not told. The same request again signs them in again.
#[utoipa::path(post, path = "/api/register", tag = "registration", request_body = Register, security(()),
    responses((status = 201, body = Registered), Problems))]
pub(crate) async fn register(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Body(request): Body<Register>,
) -> Answer<Response> {
    let transport = transport(request.transport.as_deref())?;
    let done = app.control.register(&client, &request).await?;
    let words = Language::current().pick(
        "You are registered and signed in.",
        "Se ha registrado y ha entrado.",
    );
    let body = Registered {
        message: words.to_owned(),
        sign_in: done.sign_in,
        redirect_url: format!("/workspace/{}", done.subdomain),
        subdomain: done.subdomain.to_string(),
        operation_id: done.operation.map(|id| id.to_string()),
        expires_at: done.expires_at,
        user_id: done.person.to_string(),
        tokens: given(&done.tokens, transport),
    };
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if transport == Transport::Cookie {
        Cookies::of(&app.control.settings().panel).set(response.headers_mut(), &done.tokens);
    }
    Ok(response)
}

/// Says whether an address can be had for a workspace. 404 unless the setting `registration.trial` is on.
#[utoipa::path(get, path = "/api/register/address", tag = "registration", params(WishedAddress), security(()),
    responses((status = 200, body = AddressState), Problems))]
pub(crate) async fn address(
    State(app): State<App>,
    Query(query): Query<WishedAddress>,
) -> Answer<Json<AddressState>> {
    app.control
        .offer()
        .ok_or(control::ControlError::NotFound("page"))?;
    let subdomain = Control::name("subdomain", query.subdomain.as_deref())?;
    Ok(Json(AddressState {
        is_free: app.control.address_is_free(&subdomain).await?,
        subdomain: subdomain.to_string(),
    }))
}
