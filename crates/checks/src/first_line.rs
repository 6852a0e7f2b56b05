//! Every source file begins by saying what it is for.

use crate::finding::Finding;
use crate::repository::Repository;

const RULE: &str = "first-line";

/// Checks the first line of every source file.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let silent = repository.sources().filter(|file| !says_something(&file.text));
    silent
        .map(|file| {
            Finding::new(
                RULE,
                format!("{}:1", file.path),
                "the first line must be `//!` and say what the file is for",
            )
        })
        .collect()
}

fn says_something(text: &str) -> bool {
    text.strip_prefix("//!")
        .and_then(|rest| rest.lines().next())
        .is_some_and(|words| !words.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::planted;

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        let repository = planted(&[
            ("crates/a/src/good.rs", "//! Good.\n"),
            ("crates/a/src/plain.rs", "use std::fmt;\n"),
            ("crates/a/src/mute.rs", "//!\nuse std::fmt;\n"),
            ("crates/a/src/late.rs", "\n//! Late.\n"),
            ("crates/a/tests/free.rs", "fn a() {}\n"),
        ]);
        let places: Vec<String> = check(&repository)
            .into_iter()
            .map(|finding| finding.place)
            .collect();
        assert_eq!(
            places,
            [
                "crates/a/src/late.rs:1",
                "crates/a/src/mute.rs:1",
                "crates/a/src/plain.rs:1"
            ]
        );
    }
}
