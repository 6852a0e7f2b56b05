//! Files that a reader can take in: none has over 600 lines beside its tests.

use crate::finding::Finding;
use crate::repository::Repository;
use std::fmt;

const RULE: &str = "length";

/// Most lines of a file, tests not counted.
const LONGEST: usize = 600;
/// What the figures should stay under.
const MEDIAN: usize = 150;
const P90: usize = 400;

/// How long the files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    files: usize,
    median: usize,
    p90: usize,
    longest: (usize, String),
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, path) = &self.longest;
        write!(
            formatter,
            "{} source files: median {} lines (aim {MEDIAN}), 90th percentile {} (aim {P90}), longest {lines} ({path}; limit {LONGEST})",
            self.files, self.median, self.p90,
        )
    }
}

/// Checks the length of every source file.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let lengths = lengths(repository).into_iter();
    let too_long = lengths.filter(|(lines, _)| *lines > LONGEST);
    too_long
        .map(|(lines, path)| {
            Finding::new(
                RULE,
                path,
                format!("{lines} lines beside its tests; split it at {LONGEST}"),
            )
        })
        .collect()
}

/// The figures over all source files.
pub(crate) fn figures(repository: &Repository) -> Figures {
    let lengths = lengths(repository);
    let at =
        |percent: usize| lengths.get((lengths.len() * percent / 100).min(lengths.len().saturating_sub(1)));
    let lines = |percent| at(percent).map_or(0, |(lines, _)| *lines);
    Figures {
        files: lengths.len(),
        median: lines(50),
        p90: lines(90),
        longest: at(100).cloned().unwrap_or_default(),
    }
}

/// Lines and path of every source file, the shortest first.
fn lengths(repository: &Repository) -> Vec<(usize, String)> {
    let mut lengths: Vec<(usize, String)> = repository
        .sources()
        .map(|file| (file.production().lines().count(), file.path.clone()))
        .collect();
    lengths.sort();
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::planted;

    #[test]
    fn a_long_file_is_found_and_tests_do_not_count() {
        let long = "//! A.\n".repeat(LONGEST + 1);
        let tested = format!(
            "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "//! A.\n".repeat(LONGEST),
            "    // b\n".repeat(50)
        );
        let repository = planted(&[
            ("crates/a/src/long.rs", &long),
            ("crates/a/src/tested.rs", &tested),
        ]);
        let findings = check(&repository);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "crates/a/src/long.rs");
    }

    #[test]
    fn the_figures_are_those_of_production() {
        let files: Vec<(String, String)> = (1..=10)
            .map(|count| (format!("crates/a/src/f{count}.rs"), "//! A.\n".repeat(count)))
            .collect();
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        let figures = figures(&planted(&files));
        assert_eq!(
            (figures.files, figures.median, figures.p90, figures.longest.0),
            (10, 6, 10, 10)
        );
    }
}
