//! `POST /api/auth/refresh`

use super::{Transport, given};
use crate::App;
use crate::client::Asking;
use crate::cookies::Cookies;
use crate::input::Body;
use crate::language::Language;
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::{Answer, Failure, Kind};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use control::RefreshToken;
use wire::person::{Refresh, Refreshed};

/// Gives new tokens for the refresh token in the cookie or in the body, which is used up by it. One that comes a second
/// time ends its session.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth", request_body = Option<Refresh>, security(()),
    responses((status = 200, body = Refreshed), Problems))]
pub(crate) async fn refresh(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    headers: HeaderMap,
    body: Option<Body<Refresh>>,
) -> Answer<Response> {
    let cookies = Cookies::of(&app.control.settings().panel);
    let in_body = body.and_then(|Body(request)| request.refresh_token);
    // A cookie's successor goes into a cookie again: no script gets at it by asking otherwise.
    let (token, transport) = match in_body {
        Some(token) => (Some(token), Transport::Bearer),
        None => (cookies.refresh(&headers), Transport::Cookie),
    };
    let token = token.and_then(|token| RefreshToken::of(token.expose()));
    let token = token.ok_or_else(|| Failure::of(Kind::Unauthenticated))?;
    let tokens = match app.control.refresh(&client, &token).await {
        Ok(tokens) => tokens,
        Err(error) => {
            let ended = matches!(error, control::ControlError::Unauthenticated);
            let mut response = Failure::from(error).into_response();
            if ended && transport == Transport::Cookie {
                cookies.clear(response.headers_mut());
            }
            return Ok(response);
        }
    };
    let body = Refreshed {
        message: Language::current()
            .pick("The tokens are new.", "Los códigos son nuevos.")
            .to_owned(),
        tokens: given(&tokens, transport),
    };
    let mut response = Json(body).into_response();
    if transport == Transport::Cookie {
        cookies.set(response.headers_mut(), &tokens);
    }
    Ok(response)
}
