//! `GET /`: where one is, and where to go on.

use super::page;
use crate::language::Language;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    lang: &'static str,
    spanish: bool,
    version: &'static str,
}

/// The start page. It says nothing that an API key is needed for.
pub(super) async fn start() -> Response {
    let language = Language::current();
    let start = Start {
        lang: language.tag(),
        spanish: language == Language::Spanish,
        version: env!("CARGO_PKG_VERSION"),
    };
    page(start.render())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_in_both_languages() -> Result<(), askama::Error> {
        for (lang, spanish, word) in [("en", false, "control plane"), ("es", true, "plano de control")] {
            assert!(
                Start {
                    lang,
                    spanish,
                    version: "1"
                }
                .render()?
                .contains(word)
            );
        }
        Ok(())
    }
}
