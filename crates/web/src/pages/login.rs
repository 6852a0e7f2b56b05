//! `GET /login`: signing in and out with a browser.

use super::page;
use crate::language::Language;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    lang: &'static str,
    spanish: bool,
}

/// The page to sign in; it says nothing of its own, its script asks the API.
pub(super) async fn login_page() -> Response {
    let language = Language::current();
    page(
        LoginPage {
            lang: language.tag(),
            spanish: language == Language::Spanish,
        }
        .render(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_renders_in_both_languages_and_lets_password_managers_help() -> Result<(), askama::Error> {
        for (lang, spanish) in [("en", false), ("es", true)] {
            let html = LoginPage { lang, spanish }.render()?;
            assert!(html.contains(&format!("lang=\"{lang}\"")));
            assert!(
                html.contains("autocomplete=\"username\"")
                    && html.contains("autocomplete=\"current-password\"")
            );
        }
        Ok(())
    }
}
