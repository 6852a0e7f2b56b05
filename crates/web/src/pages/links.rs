//! One-time links. The token stands behind the `#` of the address, so it is in no log and no `Referer`;
//! the page's script sends it in the body of a POST.

use super::page;
use super::view::View;
use crate::App;
use crate::answer::{settled, status};
use crate::client::Asking;
use crate::cookies::Cookies;
use crate::input::Body;
use crate::language::Language;
use crate::observation::request_id;
use crate::origin::OwnPage;
use crate::prefer::Prefer;
use crate::problem::Answer;
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::{Caller, Founding};
use domain::OperationState;
use serde::{Deserialize, Serialize};
use wire::Plaintext;
use wire::person::LinkUsed;

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    v: View,
}

#[derive(Template)]
#[template(path = "person_link.html")]
struct PersonLinkPage {
    v: View,
    purpose: Purpose,
}

/// What a person's link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Invitation,
    Reset,
    Email,
}

#[derive(Template)]
#[template(path = "set_password.html")]
struct SetPasswordPage {
    v: View,
}

/// What the owner's page sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WelcomeRequest {
    token: Plaintext,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    new_password: Option<Plaintext>,
}

/// What the page for a first password sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPasswordRequest {
    token: Plaintext,
    new_password: Plaintext,
}

/// What became of a first password.
#[derive(Serialize)]
pub(super) struct PasswordSet {
    /// False while the operation is still under way.
    done: bool,
    /// The login to use.
    login: String,
    /// Where to log in.
    url: String,
}

/// `GET /welcome`: what the owner's link opens.
pub(super) async fn welcome_page(v: View) -> Response {
    page(Welcome { v }.render())
}

/// `POST /welcome`: uses up the owner's link. Whoever brought it is an owner and signed in.
pub(super) async fn welcome(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Body(request): Body<WelcomeRequest>,
) -> Answer<Response> {
    let wanted = Founding {
        token: request.token.expose(),
        email: request.email.as_deref(),
        new_password: request.new_password.as_ref(),
    };
    let (_, tokens) = app.control.found_installation(&client, wanted).await?;
    let panel = &app.control.settings().panel;
    let words = Language::current().pick("You are signed in.", "Ha entrado.");
    let founded = LinkUsed {
        message: words.to_owned(),
        login: request.email.unwrap_or_default(),
        url: format!("{panel}/login"),
    };
    let mut response = (StatusCode::CREATED, Json(founded)).into_response();
    Cookies::of(panel).set(response.headers_mut(), &tokens);
    Ok(response)
}

/// `GET /invitation`
pub(super) async fn invitation_page(v: View) -> Response {
    person_link_page(v, Purpose::Invitation)
}

/// `GET /reset-password`
pub(super) async fn reset_page(v: View) -> Response {
    person_link_page(v, Purpose::Reset)
}

/// `GET /new-email`
pub(super) async fn email_page(v: View) -> Response {
    person_link_page(v, Purpose::Email)
}

fn person_link_page(v: View, purpose: Purpose) -> Response {
    page(PersonLinkPage { v, purpose }.render())
}

/// `GET /set-password`: what a new administrator's link opens.
pub(super) async fn set_password_page(v: View) -> Response {
    page(SetPasswordPage { v }.render())
}

/// `POST /set-password`: uses up the link and sets the password; 202 while that is still under way.
pub(super) async fn set_password(
    State(app): State<App>,
    prefer: Prefer,
    Body(request): Body<SetPasswordRequest>,
) -> Answer<(StatusCode, Json<PasswordSet>)> {
    let (operation, tenant) = app
        .control
        .use_set_password_link(request.token.expose(), request.new_password, request_id())
        .await?;
    // Whoever had the link may see what became of it.
    let record = settled(&app, &Caller::system(), operation, prefer).await?;
    let login = if tenant.admin_email.is_empty() {
        "admin".to_owned()
    } else {
        tenant.admin_email
    };
    let set = PasswordSet {
        done: record.state == OperationState::Succeeded,
        login,
        url: format!("{}/web/login", tenant.url),
    };
    Ok((status(&record, StatusCode::OK), Json(set)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_render_in_both_languages() -> Result<(), askama::Error> {
        for language in [Language::English, Language::Spanish] {
            let lang = format!("lang=\"{}\"", language.tag());
            let v = View::sample(language);
            assert!(Welcome { v }.render()?.contains(&lang));
            for (purpose, asks) in [
                (Purpose::Invitation, true),
                (Purpose::Reset, true),
                (Purpose::Email, false),
            ] {
                let v = View::sample(language);
                let html = PersonLinkPage { v, purpose }.render()?;
                assert_eq!(html.contains("type=\"password\""), asks, "{purpose:?}");
            }
            let v = View::sample(language);
            assert!(SetPasswordPage { v }.render()?.contains("minlength=\"8\""));
        }
        Ok(())
    }
}
