//! `GET /register`: where somebody registers, while the operator lets them.

use super::page;
use super::view::View;
use crate::App;
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use control::Offer;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    v: View,
    offer: Offer,
}

/// The page; its script asks the API. Whoever is signed in has no need of it.
pub(super) async fn register_page(State(app): State<App>, v: View) -> Answer<Response> {
    let offer = app
        .control
        .offer()
        .ok_or(control::ControlError::NotFound("page"))?;
    if v.who.is_some() {
        let home = HeaderValue::from_static("/");
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, home)]).into_response());
    }
    Ok(page(RegisterPage { v, offer }.render()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn it_renders_in_both_languages_and_says_for_how_long() -> Result<(), askama::Error> {
        for (language, days) in [(Language::English, "14 days"), (Language::Spanish, "14 días")] {
            let v = View::sample(language);
            let offer = Offer { days: 14 };
            let html = RegisterPage { v, offer }.render()?;
            assert!(html.contains(days) && html.contains("autocomplete=\"new-password\""));
        }
        Ok(())
    }
}
