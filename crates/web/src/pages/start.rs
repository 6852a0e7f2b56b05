//! What somebody finds at `/` who is not signed in.

use super::view::View;
use askama::Template;

/// The page; it says nothing that an API key is needed for.
#[derive(Template)]
#[template(path = "start.html")]
pub(super) struct Start {
    /// What it is made with.
    pub(super) v: View,
    /// The program's version.
    pub(super) version: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn renders_in_both_languages() -> Result<(), askama::Error> {
        for (language, word) in [
            (Language::English, "control plane"),
            (Language::Spanish, "plano de control"),
        ] {
            let v = View::sample(language);
            assert!(Start { v, version: "1" }.render()?.contains(word));
        }
        Ok(())
    }
}
