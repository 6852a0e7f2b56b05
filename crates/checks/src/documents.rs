//! What the documents name exists: repository paths in backticks, and the targets of links.

use crate::finding::Finding;
use crate::repository::{File, Repository};

const RULE: &str = "documents";

/// Documents outside of `docs/`, where all are looked at.
const OUTSIDE: [&str; 4] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "bench/README.md",
];
/// Where paths of this repository begin.
const BEGINNINGS: [&str; 9] = [
    ".cargo/", ".ci/", ".config/", "api/", "bench/", "crates/", "deploy/", "docs/", "scripts/",
];
/// What a file of this repository ends with; other files that documents name lie on the operator's machine.
const ENDINGS: [&str; 5] = [".rs", ".sql", ".md", ".html", "Cargo.toml"];

/// Checks every document.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let documents = repository.files.iter().filter(|file| is_document(file));
    documents
        .flat_map(|document| in_document(repository, document))
        .collect()
}

fn is_document(file: &File) -> bool {
    OUTSIDE.contains(&file.path.as_str()) || (file.path.starts_with("docs/") && file.path.ends_with(".md"))
}

fn in_document(repository: &Repository, document: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fenced = false;
    for (index, line) in document.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let paths = spans(line)
                .filter(|span| looks_like_a_path(span))
                .filter(|path| !exists(repository, path));
            let links = links(line).filter(|target| !repository.holds(&resolved(&document.path, target)));
            let place = || format!("{}:{}", document.path, index + 1);
            findings.extend(
                paths.map(|path| Finding::new(RULE, place(), format!("`{path}` is not in the repository"))),
            );
            findings
                .extend(links.map(|target| {
                    Finding::new(RULE, place(), format!("the link to {target} leads nowhere"))
                }));
        }
    }
    findings
}

/// What stands between backticks in a line.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn looks_like_a_path(span: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/._-*".contains(c);
    let whole = !span.is_empty() && span.chars().all(allowed);
    whole
        && (BEGINNINGS.iter().any(|start| span.starts_with(start))
            || ENDINGS.iter().any(|end| span.ends_with(end) && span != *end))
}

/// A path from the root, or the end of one; of a pattern, what comes before its first star.
fn exists(repository: &Repository, path: &str) -> bool {
    match path.split_once('*') {
        Some((folder, _)) => folder
            .rsplit_once('/')
            .is_none_or(|(folder, _)| repository.holds(folder)),
        None if BEGINNINGS.iter().any(|start| path.starts_with(start)) => repository.holds(path),
        None => repository.holds_ending(path),
    }
}

/// The targets of links to other files.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"))
}

/// A link's target as a path from the root.
fn resolved(document: &str, target: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut segments: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::planted;

    fn told(text: &str) -> Vec<String> {
        let files = [
            ("docs/manual/a.md", text),
            ("crates/store/src/tenant.rs", ""),
            ("scripts/up", ""),
            ("README.md", ""),
        ];
        check(&planted(&files))
            .into_iter()
            .map(|finding| finding.to_string())
            .collect()
    }

    #[test]
    fn a_path_that_is_gone_is_found() {
        let findings = told("see `crates/store/src/gone.rs`\nand `scripts/down` and `missing.rs`\n");
        assert_eq!(findings.len(), 3);
        assert!(findings[0].starts_with("docs/manual/a.md:1: documents: `crates/store/src/gone.rs`"));
        assert!(findings[1].starts_with("docs/manual/a.md:2"));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let findings = told("[a](../gone.md) [b](../../README.md#x) [c](https://example.com/) [d](#here)\n");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("../gone.md"));
    }

    #[test]
    fn paths_that_exist_and_words_that_are_none_pass() {
        let text = "`crates/store/src/tenant.rs` `store/src/tenant.rs` `tenant.rs` `crates/*/src` `scripts/up` `crates/store/`\n\
                    `tenantry up --data DIR` `DIR/local.json` `/api/tenants` `text/html` `Cargo.toml` `a.rs::b`\n\
                    ```\ncrates/gone and `scripts/gone`\n```\n";
        assert_eq!(told(text), Vec::<String>::new());
    }
}
