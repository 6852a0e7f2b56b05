//! `GET /login`: signing in with a browser, and from there to where one was.

use super::page;
use super::view::View;
use crate::App;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    v: View,
    /// Whether somebody may register.
    registers: bool,
}

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    next: String,
    /// Show the page to whoever is signed in, too.
    again: String,
}

/// Where somebody belongs who says nothing of where to go, or says something that is not here.
fn home(v: &View, next: &str) -> String {
    let here = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    match (here, v.is_staff()) {
        (true, _) => next.to_owned(),
        (false, true) => "/admin/dashboard".to_owned(),
        (false, false) => "/".to_owned(),
    }
}

/// The page to sign in; its script asks the API. Whoever is signed in goes on.
pub(super) async fn login_page(State(app): State<App>, v: View, Query(asked): Query<Asked>) -> Response {
    let must_enrol = v.who.as_ref().is_some_and(|who| who.must_enrol);
    let to = match must_enrol {
        true => "/account/second-factor".to_owned(),
        false => home(&v, &asked.next),
    };
    match (
        v.who.is_some() && asked.again.is_empty(),
        HeaderValue::from_str(&to),
    ) {
        (true, Ok(to)) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        _ => {
            let registers = app.control.offer().is_some();
            page(LoginPage { v, registers }.render())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn it_renders_in_both_languages_and_lets_password_managers_help() -> Result<(), askama::Error> {
        for language in [Language::English, Language::Spanish] {
            let v = View::sample(language);
            let registers = false;
            let html = LoginPage { v, registers }.render()?;
            assert!(!html.contains("/register"));
            assert!(html.contains(&format!("lang=\"{}\"", language.tag())));
            assert!(
                html.contains("autocomplete=\"username\"")
                    && html.contains("autocomplete=\"current-password\"")
            );
        }
        Ok(())
    }

    #[test]
    fn nobody_is_led_to_another_place() {
        let v = View::sample(Language::English);
        assert_eq!(home(&v, "/admin/tenants?plan=pro"), "/admin/tenants?plan=pro");
        for elsewhere in [
            "//evil.example.com",
            "https://evil.example.com",
            "/\\evil.example.com",
            "",
        ] {
            assert_eq!(home(&v, elsewhere), "/");
        }
    }
}
