//! One-time links. The token stands behind the `#` of the address, so it is in no log and no `Referer`;
//! the page's script sends it in the body of a POST.

use super::page;
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
    lang: &'static str,
    spanish: bool,
    shortest: usize,
}

#[derive(Template)]
#[template(path = "person_link.html")]
struct PersonLinkPage {
    lang: &'static str,
    spanish: bool,
    shortest: usize,
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
    lang: &'static str,
    spanish: bool,
    shortest: usize,
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
pub(super) async fn welcome_page(State(app): State<App>) -> Response {
    let language = Language::current();
    let shortest = app.control.live().shortest_password;
    page(
        Welcome {
            lang: language.tag(),
            spanish: language == Language::Spanish,
            shortest,
        }
        .render(),
    )
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
pub(super) async fn invitation_page(State(app): State<App>) -> Response {
    person_link_page(&app, Purpose::Invitation)
}

/// `GET /reset-password`
pub(super) async fn reset_page(State(app): State<App>) -> Response {
    person_link_page(&app, Purpose::Reset)
}

/// `GET /new-email`
pub(super) async fn email_page(State(app): State<App>) -> Response {
    person_link_page(&app, Purpose::Email)
}

fn person_link_page(app: &App, purpose: Purpose) -> Response {
    let language = Language::current();
    page(
        PersonLinkPage {
            lang: language.tag(),
            spanish: language == Language::Spanish,
            shortest: app.control.live().shortest_password,
            purpose,
        }
        .render(),
    )
}

/// `GET /set-password`: what a new administrator's link opens.
pub(super) async fn set_password_page(State(app): State<App>) -> Response {
    let language = Language::current();
    let shortest = app.control.live().shortest_password;
    page(
        SetPasswordPage {
            lang: language.tag(),
            spanish: language == Language::Spanish,
            shortest,
        }
        .render(),
    )
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
        for (lang, spanish) in [("en", false), ("es", true)] {
            assert!(
                Welcome {
                    lang,
                    spanish,
                    shortest: 8
                }
                .render()?
                .contains(&format!("lang=\"{lang}\""))
            );
            for (purpose, asks) in [
                (Purpose::Invitation, true),
                (Purpose::Reset, true),
                (Purpose::Email, false),
            ] {
                let html = PersonLinkPage {
                    lang,
                    spanish,
                    shortest: 8,
                    purpose,
                }
                .render()?;
                assert_eq!(html.contains("type=\"password\""), asks, "{purpose:?}");
            }
            assert!(
                SetPasswordPage {
                    lang,
                    spanish,
                    shortest: 8
                }
                .render()?
                .contains("minlength=\"8\"")
            );
        }
        Ok(())
    }
}
