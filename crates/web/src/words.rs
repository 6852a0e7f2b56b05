//! Sentences for people about the control plane's own work, in both languages.

use crate::language::Language;
use crate::problem::{plain, told};
use domain::drift::{Difference, Found, Remedy};
use jiff::Timestamp;
use wire::backups::{BackupHealth, BackupView};
use wire::operation::{Failure, Next, Operation};

fn minute(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC)
        .strftime("%Y-%m-%d %H:%M:%S UTC")
        .to_string()
}

/// Why something did not happen, in the reader's language.
pub(crate) fn spoken(failure: &Failure) -> String {
    match Language::current() {
        Language::English => failure.detail.clone(),
        language @ Language::Spanish => told(failure, language),
    }
}

/// The same for pages, and for what scripts show on them: without the node's own English.
pub(crate) fn on_a_page(operations: Vec<Operation>) -> Vec<Operation> {
    let language = Language::current();
    worded(operations, |failure| {
        plain(&failure.code, &failure.detail, language)
    })
}

/// An operation as a script shows it, in this language.
pub(crate) fn for_a_script(mut operation: Operation, language: Language) -> Operation {
    if let Some(failure) = &mut operation.failure {
        failure.detail = plain(&failure.code, &failure.detail, language);
    }
    operation
}

/// The backups, with what is wrong with them in the reader's language.
pub(crate) fn told_backups(mut backups: Vec<BackupView>) -> Vec<BackupView> {
    for one in &mut backups {
        one.failure = in_words(one.failure_code.as_deref(), one.failure.take());
    }
    backups
}

/// How backups stand, with why the last tries failed in the reader's language.
pub(crate) fn told_health(mut health: BackupHealth) -> BackupHealth {
    for one in &mut health.without {
        one.failure = in_words(one.failure_code.as_deref(), one.failure.take());
    }
    for one in &mut health.unproven {
        one.failure = plain(&one.failure_code, &one.failure, Language::current());
    }
    health
}

fn in_words(code: Option<&str>, detail: Option<String>) -> Option<String> {
    let detail = detail?;
    Some(match code {
        Some(code) => plain(code, &detail, Language::current()),
        None => detail,
    })
}

/// The operations with what happens next, and what they failed of, put into words.
pub(crate) fn with_words(operations: Vec<Operation>) -> Vec<Operation> {
    worded(operations, spoken)
}

fn worded(operations: Vec<Operation>, speak: impl Fn(&Failure) -> String) -> Vec<Operation> {
    let language = Language::current();
    let spoken = operations.into_iter().map(|mut operation| {
        if let Some(next) = &mut operation.next {
            next.words = next_words(next, language);
        }
        if let Some(failure) = &mut operation.failure {
            failure.detail = speak(failure);
        }
        operation
    });
    spoken.collect()
}

fn next_words(next: &Next, language: Language) -> String {
    let words = match next.is.as_str() {
        "queued" => language.pick(
            "It begins as soon as a server is free.",
            "Empieza en cuanto un servidor quede libre.",
        ),
        "works" => language.pick("A server works on it.", "Un servidor trabaja en ella."),
        "waits-for-node" => language.pick(
            "It waits for its node to answer.",
            "Espera la respuesta de su nodo.",
        ),
        "tries-again" => language.pick(
            "The present step is tried again at {at}.",
            "El paso actual se repite a las {at}.",
        ),
        "undoes" => language.pick("What it did is being undone.", "Se está deshaciendo lo que hizo."),
        "undoes-again" => language.pick(
            "Undoing did not work and is tried again at {at}, for as long as it takes.",
            "No se pudo deshacer; se repite a las {at}, tantas veces como haga falta.",
        ),
        "unknown-version" => language.pick(
            "It waits for a server of a version that knows it.",
            "Espera un servidor de una versión que la conozca.",
        ),
        _ => language.pick(
            "It waits for a person: have it tried again, cancel or abandon it.",
            "Espera a una persona: repítala, cancélela o abandónela.",
        ),
    };
    words.replace("{at}", &next.at.map(minute).unwrap_or_default())
}

/// A difference as a sentence.
pub(crate) fn difference_words(found: &Found, node: &str) -> String {
    let language = Language::current();
    let (template, believed, seen) = match &found.difference {
        Difference::UnknownTenant => (
            language.pick("Node {node} knows no database of {subject}.", "El nodo {node} no conoce ninguna base de datos de {subject}."),
            String::new(),
            String::new(),
        ),
        Difference::MissingDatabase { database } => (
            language.pick(
                "The database {seen} of {subject} is gone from node {node}.",
                "La base de datos {seen} de {subject} ya no está en el nodo {node}.",
            ),
            String::new(),
            database.clone(),
        ),
        Difference::WrongName { believed, seen } => (
            language.pick(
                "The database of {subject} on node {node} is called {seen}; it should be {believed}.",
                "La base de datos de {subject} en el nodo {node} se llama {seen}; debería ser {believed}.",
            ),
            believed.clone(),
            seen.clone(),
        ),
        Difference::WrongStanding { believed, seen } => (
            language.pick(
                "{subject} stands as {seen} on node {node}; it should be {believed}.",
                "{subject} figura como {seen} en el nodo {node}; debería ser {believed}.",
            ),
            believed.clone(),
            seen.clone(),
        ),
        Difference::WrongMarker { believed, seen } => (
            language.pick(
                "The edge of node {node} is told {seen} of {subject}; it should be {believed}.",
                "El borde del nodo {node} tiene {seen} para {subject}; debería ser {believed}.",
            ),
            believed.clone(),
            seen.clone(),
        ),
        Difference::GenerationBehind { believed, seen } => (
            language.pick(
                "Node {node} has seen order {seen} for {subject}, newer than the last one given here ({believed}).",
                "El nodo {node} ha visto la orden {seen} de {subject}, posterior a la última dada aquí ({believed}).",
            ),
            believed.to_string(),
            seen.to_string(),
        ),
        Difference::UnknownDatabase { database, standing } => (
            language.pick(
                "Node {node} keeps the database {seen} ({believed}) of a tenant that is not on it.",
                "El nodo {node} guarda la base de datos {seen} ({believed}) de un espacio que no está en él.",
            ),
            standing.clone(),
            database.clone(),
        ),
    };
    template
        .replace("{node}", node)
        .replace("{subject}", &found.subject)
        .replace("{believed}", &believed)
        .replace("{seen}", &seen)
}

/// A remedy's stable word.
pub(crate) const fn remedy_word(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Mend => "mend",
        Remedy::Person => "person",
        Remedy::Stopped => "stopped",
    }
}

/// What was believed and what was seen, as texts.
pub(crate) fn sides(difference: &Difference) -> (Option<String>, Option<String>) {
    match difference {
        Difference::UnknownTenant => (None, None),
        Difference::MissingDatabase { database } => (Some(database.clone()), None),
        Difference::WrongName { believed, seen }
        | Difference::WrongStanding { believed, seen }
        | Difference::WrongMarker { believed, seen } => (Some(believed.clone()), Some(seen.clone())),
        Difference::GenerationBehind { believed, seen } => {
            (Some(believed.to_string()), Some(seen.to_string()))
        }
        Difference::UnknownDatabase { database, .. } => (None, Some(database.clone())),
    }
}
