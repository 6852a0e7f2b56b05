//! `GET /logout`: asks whether one wants to sign out, and says that one has. It changes nothing itself: its form goes to
//! the API, which needs no script and no session that still works.

use super::page;
use super::view::View;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage {
    v: View,
    is_out: bool,
}

/// Whether the API leads here because it is done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

/// The page.
pub(super) async fn logout_page(v: View, Query(asked): Query<Asked>) -> Response {
    let is_out = !asked.done.is_empty() && v.who.is_none();
    page(LogoutPage { v, is_out }.render())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn it_asks_first_and_says_so_afterwards() -> Result<(), askama::Error> {
        for language in [Language::English, Language::Spanish] {
            let v = View::sample(language);
            let html = LogoutPage { v, is_out: false }.render()?;
            assert!(html.contains("method=\"post\"") && html.contains("/api/auth/logout"));
            let v = View::sample(language);
            let html = LogoutPage { v, is_out: true }.render()?;
            assert!(!html.contains("<form") && html.contains("/login"));
        }
        Ok(())
    }
}
