//! The language of an answer: what was chosen on a page, else from `Accept-Language`; English when neither of ours is wanted.

use axum::http::{HeaderMap, header};
use tokio::task_local;

/// A language that the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

task_local! {
    /// The language of the request that is being answered.
    static CURRENT: Language;
}

/// The language that a browser's holder chose on a page of ours, kept in a cookie.
fn chosen(headers: &HeaderMap) -> Option<Language> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .map(str::trim);
    pairs.find_map(|pair| match pair {
        "lang=es" => Some(Language::Spanish),
        "lang=en" => Some(Language::English),
        _ => None,
    })
}

impl Language {
    /// The wanted language of a request.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if let Some(chosen) = chosen(headers) {
            return chosen;
        }
        let header = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match wire::language::prefers_spanish(header) {
            true => Self::Spanish,
            false => Self::English,
        }
    }

    /// Runs an answer in this language.
    pub(crate) async fn scope<F: Future>(self, answer: F) -> F::Output {
        CURRENT.scope(self, answer).await
    }

    /// The language of the answer that is being made.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(|language| *language).unwrap_or(Self::English)
    }

    /// Its tag, for `lang` attributes and `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Chooses between two texts.
    pub(crate) const fn pick<'a>(self, english: &'a str, spanish: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Spanish => spanish,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_best_of_our_languages_wins() {
        for (header, wanted) in [
            ("es-DO,es;q=0.9,en;q=0.8", Language::Spanish),
            ("en-US,es;q=0.5", Language::English),
            ("fr,es;q=0.3", Language::Spanish),
            ("de", Language::English),
            ("en;q=0.2, es;q=0.7", Language::Spanish),
            ("", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(Language::of(&headers), wanted, "{header}");
        }
    }
}
