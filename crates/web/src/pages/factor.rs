//! `GET /account/second-factor`: setting up one's second factors with a browser, also for whoever has to.

use super::page;
use super::view::View;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "second_factor.html")]
struct FactorPage {
    v: View,
}

/// The page; it says nothing of its own, its script asks the API.
pub(super) async fn factor_page(v: View) -> Response {
    page(FactorPage { v }.render())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn it_renders_in_both_languages() -> Result<(), askama::Error> {
        for (language, word) in [
            (Language::English, "Recovery codes"),
            (Language::Spanish, "Códigos de recuperación"),
        ] {
            let v = View::sample(language);
            let html = FactorPage { v }.render()?;
            assert!(html.contains(&format!("lang=\"{}\"", language.tag())) && html.contains(word));
        }
        Ok(())
    }
}
