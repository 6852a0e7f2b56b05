//! One-time links. The token stands behind the `#` of the address, so it is in no log and no `Referer`;
//! the page's script sends it in the body of a POST.

use super::page;
use crate::App;
use crate::answer::{settled, status};
use crate::input::Body;
use crate::language::Language;
use crate::observation::request_id;
use crate::prefer::Prefer;
use crate::problem::Answer;
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use control::Caller;
use domain::OperationState;
use serde::{Deserialize, Serialize};
use store::Actor;
use wire::Plaintext;
use wire::apikey::NewApiKey;

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    lang: &'static str,
    spanish: bool,
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
pub(super) async fn welcome_page() -> Response {
    let language = Language::current();
    page(
        Welcome {
            lang: language.tag(),
            spanish: language == Language::Spanish,
        }
        .render(),
    )
}

/// `POST /welcome`: uses up the owner's link for an API key, which is shown this once.
pub(super) async fn welcome(
    State(app): State<App>,
    Body(request): Body<WelcomeRequest>,
) -> Answer<(StatusCode, Json<NewApiKey>)> {
    let key = app
        .control
        .use_owner_link(request.token.expose(), request_id())
        .await?;
    Ok((StatusCode::CREATED, Json(key)))
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
    let caller = Caller {
        actor: Actor::Link,
        ..Caller::system()
    };
    let record = settled(&app, &caller, operation, prefer).await?;
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
                Welcome { lang, spanish }
                    .render()?
                    .contains(&format!("lang=\"{lang}\""))
            );
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
