//! Runs Odoo once to fill a new database with modules and languages.

use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::odoo_run::OdooRun;
use wire::node::BuildTemplate;

/// Makes sure that modules and languages are words that Odoo's command line cannot take for anything else.
///
/// # Errors
/// [`Code::OdooFailed`] for other words, or when there are none.
pub(crate) fn check_words(order: &BuildTemplate) -> Result<(), StepFailure> {
    let word = |text: &String, more: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.len() <= 100 && text.chars().all(allowed)
    };
    let modules = !order.modules.is_empty() && order.modules.iter().all(|name| word(name, "_"));
    let languages = !order.languages.is_empty() && order.languages.iter().all(|code| word(code, "_@"));
    if modules && languages {
        return Ok(());
    }
    let detail = "Modules and languages must be named as Odoo names them, such as website_mail and es_ES.";
    Err(StepFailure::new(Code::OdooFailed, detail))
}

/// The run of Odoo that installs modules and languages into a database.
pub(crate) fn installing(name: Identifier, order: &BuildTemplate) -> OdooRun {
    // Without en_US, Odoo 19 switches it off, and whatever is not translated with it.
    let mut languages = vec!["en_US"];
    languages.extend(
        order
            .languages
            .iter()
            .map(String::as_str)
            .filter(|code| *code != "en_US"),
    );
    let arguments = vec![
        "-i".to_owned(),
        order.modules.join(","),
        format!("--load-language={}", languages.join(",")),
        "--without-demo=all".to_owned(),
        "--stop-after-init".to_owned(),
        "--no-http".to_owned(),
    ];
    OdooRun { name, arguments }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_could_be_options_are_refused() {
        let order = |modules: &[&str], languages: &[&str]| BuildTemplate {
            name: "template_tenant".parse().unwrap(),
            modules: modules.iter().map(|word| (*word).to_owned()).collect(),
            languages: languages.iter().map(|word| (*word).to_owned()).collect(),
            source: wire::node::TemplateSource::Nothing,
        };
        assert!(check_words(&order(&["web", "website_mail"], &["es_ES", "sr@latin"])).is_ok());
        for modules in [&["--help"][..], &["a b"], &["a,b"], &[""], &[]] {
            assert!(check_words(&order(modules, &["es_ES"])).is_err());
        }
        assert!(check_words(&order(&["web"], &[])).is_err());
    }
}
