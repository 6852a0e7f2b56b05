//! `POST /api/auth/logout`, `POST /api/auth/logout/all` and, for older clients, `POST /api/logout`

use crate::App;
use crate::client::Asking;
use crate::cookies::Cookies;
use crate::identity::Known;
use crate::language::Language;
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use control::{Client, RefreshToken};
use domain::Principal;
use wire::person::Message;

/// Signs out: the session has ended when this answers, and with it both of its tokens. Whoever asks for a page is led to one that says so.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", security(()),
    responses((status = 200, body = Message), Problems))]
pub(crate) async fn logout(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    headers: HeaderMap,
) -> Answer<Response> {
    end(&app, &client, &headers).await?;
    let mut response = signed_out(&app);
    // The form of the page for it, which a browser sends that runs no scripts.
    if wants_page(&headers) {
        response = (StatusCode::SEE_OTHER, [(header::LOCATION, "/logout?done=1")]).into_response();
        Cookies::of(&app.control.settings().panel).clear(response.headers_mut());
        Cookies::forget(response.headers_mut());
    }
    Ok(response)
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// The same under the address that an older system had; its cookies are taken away, too.
#[utoipa::path(post, path = "/api/logout", tag = "auth", security(()),
    responses((status = 200, body = Message), Problems))]
pub(crate) async fn former(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    headers: HeaderMap,
) -> Answer<Response> {
    end(&app, &client, &headers).await?;
    let mut response = signed_out(&app);
    Cookies::of(&app.control.settings().panel).clear_former(response.headers_mut());
    Ok(response)
}

/// Signs out everywhere: every session of the caller's has ended when this answers.
#[utoipa::path(post, path = "/api/auth/logout/all", tag = "auth",
    responses((status = 200, body = Message), Problems))]
pub(crate) async fn logout_all(State(app): State<App>, Known(caller): Known) -> Answer<Response> {
    let ended = app.control.end_all_sessions(&caller).await?;
    let words = Language::current().pick("sessions were ended.", "sesiones se cerraron.");
    let message = format!("{ended} {words}");
    let mut response = Json(Message { message }).into_response();
    Cookies::of(&app.control.settings().panel).clear(response.headers_mut());
    Ok(response)
}

/// Ends the session that the tokens are of, by whichever of them still works.
async fn end(app: &App, client: &Client, headers: &HeaderMap) -> Answer<()> {
    let cookies = Cookies::of(&app.control.settings().panel);
    if let Some(token) = cookies
        .refresh(headers)
        .and_then(|token| RefreshToken::of(token.expose()))
    {
        app.control.sign_out_by_token(client, &token).await?;
    }
    let bearer = crate::identity::bearer(headers).map(ToOwned::to_owned);
    let access = bearer.or_else(|| cookies.access(headers).map(|token| token.expose().to_owned()));
    if let Some(token) = access
        && let Ok((Principal::Person(person), _)) = app.control.authenticate_token(&token).await
    {
        app.control.sign_out(client, &person).await?;
    }
    Ok(())
}

fn signed_out(app: &App) -> Response {
    let message = Language::current()
        .pick("You are signed out.", "Ha salido.")
        .to_owned();
    let mut response = Json(Message { message }).into_response();
    Cookies::of(&app.control.settings().panel).clear(response.headers_mut());
    response
}
