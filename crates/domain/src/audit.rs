//! The closed list of what the audit trail speaks of: each action with its words, its outcome, and whose eyes it is for.

mod registry;

pub use registry::ACTIONS;

use crate::operation::word_enum;
use crate::rule::Rule;
use std::{fmt, str::FromStr};

word_enum!(
    /// How what an entry tells of went.
    AuditOutcome {
        /// It was asked for and goes on; another entry tells its end.
        Begun = "begun",
        /// It is so.
        Done = "done",
        /// It was begun, failed, and was undone.
        Failed = "failed",
        /// It was not allowed.
        Refused = "refused",
    }
);

/// Who may see the entries of an action, beside the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditVisibility {
    /// The organization that the tenant belongs to which the entry names.
    Tenant,
    /// The organization that the entry names, by its subject or in its detail.
    Organization,
    /// Nobody.
    Staff,
}

/// How an action shows in the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditShape {
    /// One entry, with this outcome.
    Once(AuditOutcome),
    /// An operation: one entry when it is begun, another (`WORD.succeeded`, `WORD.failed`) when it has ended.
    Operation,
}

/// An action of the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditAction {
    /// The word in the database and in the API.
    pub word: &'static str,
    /// How it shows.
    pub shape: AuditShape,
    /// Who may see it.
    pub visibility: AuditVisibility,
    /// What it is, in English.
    pub english: &'static str,
    /// What it is, in Spanish.
    pub spanish: &'static str,
}

/// What an entry's action means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditMeaning {
    /// The action.
    pub action: &'static AuditAction,
    /// How it went.
    pub outcome: AuditOutcome,
}

/// What the word of an entry means; nothing for a word that is not in the list.
pub fn meaning(word: &str) -> Option<AuditMeaning> {
    let endings = [
        (".succeeded", AuditOutcome::Done),
        (".failed", AuditOutcome::Failed),
    ];
    let ended = endings
        .iter()
        .find_map(|(ending, outcome)| Some((word.strip_suffix(ending)?, *outcome)));
    if let Some((word, outcome)) = ended
        && let Some(action) = find(word)
        && action.shape == AuditShape::Operation
    {
        return Some(AuditMeaning { action, outcome });
    }
    let action = find(word)?;
    let outcome = match action.shape {
        AuditShape::Once(outcome) => outcome,
        AuditShape::Operation => AuditOutcome::Begun,
    };
    Some(AuditMeaning { action, outcome })
}

fn find(word: &str) -> Option<&'static AuditAction> {
    ACTIONS.iter().find(|action| action.word == word)
}

impl AuditAction {
    /// Every word with which it stands in the trail.
    pub fn words(&self) -> Vec<String> {
        let mut words = vec![self.word.to_owned()];
        if self.shape == AuditShape::Operation {
            words.extend([".succeeded", ".failed"].map(|ending| format!("{}{ending}", self.word)));
        }
        words
    }
}

impl AuditMeaning {
    /// In words for English readers.
    pub fn english(&self) -> String {
        match self.ending() {
            None => self.action.english.to_owned(),
            Some((english, _)) => format!("{}: {english}", self.action.english),
        }
    }

    /// In words for Spanish readers.
    pub fn spanish(&self) -> String {
        match self.ending() {
            None => self.action.spanish.to_owned(),
            Some((_, spanish)) => format!("{}: {spanish}", self.action.spanish),
        }
    }

    fn ending(&self) -> Option<(&'static str, &'static str)> {
        match (self.action.shape, self.outcome) {
            (AuditShape::Once(_), _) | (_, AuditOutcome::Refused) => None,
            (AuditShape::Operation, AuditOutcome::Begun) => Some(("begun", "empezado")),
            (AuditShape::Operation, AuditOutcome::Done) => Some(("done", "hecho")),
            (AuditShape::Operation, AuditOutcome::Failed) => {
                Some(("failed and undone", "falló y se deshizo"))
            }
        }
    }
}

/// Parts of a field's name that say that its value is nobody's business.
const SECRET_NAMES: [&str; 8] = [
    "password",
    "secret",
    "token",
    "credential",
    "cookie",
    "authorization",
    "private",
    "passphrase",
];
/// Names that only sound like it.
const OPEN_NAMES: [&str; 1] = ["password.shortest"];

/// Whether a field or a setting of this name holds a secret, which never enters the trail.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    !OPEN_NAMES.contains(&name.as_str()) && SECRET_NAMES.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OperationKind;

    #[test]
    fn every_word_is_told_once_and_explained_in_both_languages() {
        for (at, action) in ACTIONS.iter().enumerate() {
            assert!(
                !action.english.is_empty() && !action.spanish.is_empty(),
                "{}",
                action.word
            );
            assert!(action.word.contains('.'), "{}", action.word);
            let again = ACTIONS.iter().skip(at + 1).any(|other| other.word == action.word);
            assert!(!again, "{}", action.word);
            for word in action.words() {
                assert_eq!(
                    meaning(&word).map(|meaning| meaning.action),
                    Some(action),
                    "{word}"
                );
            }
        }
    }

    #[test]
    fn every_kind_of_operation_has_its_beginning_and_its_ends() {
        for kind in OperationKind::ALL {
            for (ending, outcome) in [
                ("", AuditOutcome::Begun),
                (".succeeded", AuditOutcome::Done),
                (".failed", AuditOutcome::Failed),
            ] {
                let found = meaning(&format!("{kind}{ending}"));
                assert_eq!(
                    found.map(|meaning| meaning.outcome),
                    Some(outcome),
                    "{kind}{ending}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_in_the_list_means_nothing() {
        for word in [
            "",
            "tenant",
            "tenant.create.done",
            "person.join.succeeded",
            "refused.",
        ] {
            assert_eq!(meaning(word), None, "{word}");
        }
    }

    #[test]
    fn secrets_are_known_by_the_names_of_their_fields() {
        for name in ["new_password", "client_secret", "refresh_token", "smtp.password"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["key", "role", "password.shortest", "sessions_ended"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
