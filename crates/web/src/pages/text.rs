//! The words of the pages: a field for each key of the message files, made when the program is built.

use crate::language::Language;
use askama::filters::Safe;
use std::fmt;

/// A text of a message file. `{}` stands for what it is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text(&'static str);

impl Text {
    /// As it stands in the file.
    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }

    /// As HTML, for the few texts that hold a code or a link of their own. Nothing is filled into them.
    pub(crate) const fn html(self) -> Safe<&'static str> {
        Safe(self.0)
    }

    /// With this in place of `{}`.
    pub(crate) fn with(self, value: impl fmt::Display) -> String {
        self.0.replace("{}", &value.to_string())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The words of a language.
pub(crate) const fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::OperationKind;
    use domain::setting::SETTINGS;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// Beginnings of keys that are put together while the program runs.
    const PUT_TOGETHER: &[&str] = &[
        "js_",
        "state_",
        "reason_",
        "kind_",
        "form_",
        "mode_",
        "role_",
        "step_",
        "node_state_",
        "outcome_",
        "template_state_",
        "support_state_",
        "work_status_",
        "category_",
        "switch_",
        "wish_",
        "sign_in_",
        "person_state_",
        "key_state_",
        "factor_",
        "backup_state_",
        "backup_kind_",
        "download_form_",
        "link_state_",
        "archive_kind_",
        "rule_",
        "decided_",
        "db_state_",
        "domain_is_",
        "drain_state_",
        "drain_tenant_",
        "db_hint_",
        "db_column_",
        "db_work_",
    ];

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => sources(&path, found),
                path => found.push(path),
            }
        }
    }

    #[test]
    fn every_key_is_used_and_both_languages_fill_it_with_the_same() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = Vec::new();
        sources(&here.join("src"), &mut paths);
        sources(&here.join("templates"), &mut paths);
        let all: String = paths
            .iter()
            .filter_map(|path| fs::read_to_string(path).ok())
            .collect();
        let mut keys = Vec::new();
        for path in fs::read_dir(here.join("messages/en"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let text = fs::read_to_string(path.path()).expect("a message file can be read");
            keys.extend(
                text.lines()
                    .filter_map(|line| line.split_once(" = "))
                    .map(|(key, _)| key.to_owned()),
            );
        }
        assert!(keys.len() > 100);
        for key in keys {
            let named = all.match_indices(&key).any(|(at, _)| {
                !all[at + key.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            });
            let together = PUT_TOGETHER.iter().any(|start| key.starts_with(start));
            assert!(named || together, "{key} is used nowhere");
            let (english, spanish) = (ENGLISH.of(&key), SPANISH.of(&key));
            let (english, spanish) = (english.expect("it is English"), spanish.expect("it is Spanish"));
            let holes = |text: Text| text.as_str().matches("{}").count();
            assert_eq!(holes(english), holes(spanish), "{key}");
        }
    }

    #[test]
    fn every_kind_of_operation_and_group_of_settings_has_words() {
        let kinds = OperationKind::ALL
            .iter()
            .map(|kind| format!("kind_{}", kind.as_str().replace(['.', '-'], "_")));
        let groups = SETTINGS
            .iter()
            .map(|setting| format!("category_{}", setting.category()));
        for key in kinds.chain(groups) {
            assert!(ENGLISH.of(&key).is_some(), "{key} has no words");
        }
    }

    #[test]
    fn what_a_text_is_filled_with_is_not_looked_through() {
        assert_eq!(Text("a {}").with("{}"), "a {}");
    }
}
