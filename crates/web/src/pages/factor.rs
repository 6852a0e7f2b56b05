//! `GET /account/second-factor`: setting up one's second factors with a browser, also for whoever has to.

use super::page;
use crate::language::Language;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "second_factor.html")]
struct FactorPage {
    lang: &'static str,
    spanish: bool,
}

/// The page; it says nothing of its own, its script asks the API.
pub(super) async fn factor_page() -> Response {
    let language = Language::current();
    page(
        FactorPage {
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
    fn it_renders_in_both_languages() -> Result<(), askama::Error> {
        for (lang, spanish, word) in [
            ("en", false, "Recovery codes"),
            ("es", true, "Códigos de recuperación"),
        ] {
            let html = FactorPage { lang, spanish }.render()?;
            assert!(html.contains(&format!("lang=\"{lang}\"")) && html.contains(word));
        }
        Ok(())
    }
}
