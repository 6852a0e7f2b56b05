//! The pages: the staff's panel, the customers' portal, one-time links, the API's reader.

mod admin;
mod assets;
mod download;
pub(crate) mod error;
mod factor;
mod format;
mod icon;
mod links;
mod login;
mod logout;
mod portal;
pub(crate) mod reader;
mod register;
mod series;
mod sso;
mod start;
mod text;
mod view;

pub(crate) use download::CONTENT;

use crate::App;
use crate::door::nonce;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};

/// Nothing but our own style and script may run on a page.
fn policy() -> String {
    let nonce = nonce();
    format!(
        "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'self' 'nonce-{nonce}'; connect-src 'self'; \
         img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The routes of the pages. Those of one-time links take the link's token in place of an API key.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(admin::routes())
        .merge(portal::routes())
        .route("/assets/{version}/{name}", get(assets::asset))
        .route("/welcome", get(links::welcome_page).post(links::welcome))
        .route(
            "/set-password",
            get(links::set_password_page).post(links::set_password),
        )
        .route("/invitation", get(links::invitation_page))
        .route("/reset-password", get(links::reset_page))
        .route("/new-email", get(links::email_page))
        .route("/download", get(download::download_page))
        .route("/download/state", post(download::state))
        .route(CONTENT, post(download::content))
        .route("/login", get(login::login_page))
        .route("/logout", get(logout::logout_page))
        .route("/register", get(register::register_page))
        .route("/account/second-factor", get(factor::factor_page))
        .route("/sso/{provider}/callback", get(sso::callback))
        .route("/api/docs", get(reader::read))
}

/// A page, with the policy that pages have.
fn page(rendered: Result<String, askama::Error>) -> Response {
    match rendered {
        Ok(text) => {
            let mut response = Html(text).into_response();
            if let Ok(policy) = HeaderValue::from_str(&policy()) {
                response
                    .headers_mut()
                    .insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            crate::problem::Failure::of(crate::problem::Kind::Internal).into_response()
        }
    }
}
