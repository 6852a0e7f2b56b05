//! The tests that documents name exist: what stands in backticks and is long enough to be a test's name is a function.

use crate::finding::Finding;
use crate::repository::Repository;
use std::collections::HashSet;

const RULE: &str = "named_tests";

/// From so many parts on a name in backticks is a sentence, which only tests have for a name.
const PARTS: usize = 6;

/// Checks every document.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let functions: HashSet<&str> = repository
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .flat_map(|file| file.text.lines())
        .filter_map(function)
        .collect();
    let documents = repository.files.iter().filter(|file| file.path.ends_with(".md"));
    documents
        .flat_map(|document| {
            let lines = document.text.lines().enumerate();
            lines.flat_map(|(index, line)| {
                let missing = line
                    .split('`')
                    .skip(1)
                    .step_by(2)
                    .filter(|span| is_a_sentence(span) && !functions.contains(span));
                let place = format!("{}:{}", document.path, index + 1);
                missing
                    .map(move |name| Finding::new(RULE, place.clone(), format!("there is no test `{name}`")))
            })
        })
        .collect()
}

/// The function that begins in this line.
fn function(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("fn ")?;
    rest.split_once('(').map(|(name, _)| name)
}

fn is_a_sentence(span: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    span.chars().all(allowed) && span.split('_').count() >= PARTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::File;

    #[test]
    fn a_test_that_is_not_there_is_found_with_its_line() {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let document = "It holds.\n`a_thing_that_is_shown_here`, `a_thing_that_is_not_there`, `max_tenants`";
        let repository = Repository {
            files: vec![
                file("docs/a.md", document),
                file("crates/a/src/b.rs", "async fn a_thing_that_is_shown_here() {}"),
            ],
        };
        let found: Vec<String> = check(&repository).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["docs/a.md:2: named_tests: there is no test `a_thing_that_is_not_there`"]
        );
    }
}
