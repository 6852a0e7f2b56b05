//! Names that say nothing are refused, and a crate's folder is called what the crate is called.

use crate::finding::Finding;
use crate::manifest::Member;
use crate::repository::{File, Repository};

const RULE: &str = "names";

/// What every program could be put under.
const REFUSED: [&str; 5] = ["common", "core", "utils", "types", "helpers"];

/// Checks the names of crates and modules.
pub(crate) fn check(repository: &Repository, members: &[Member]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = members.iter().flat_map(of_crate).collect();
    findings.extend(repository.sources().flat_map(of_file));
    findings
}

fn of_crate(member: &Member) -> Vec<Finding> {
    let place = member.manifest();
    let mut findings = Vec::new();
    if REFUSED.contains(&member.name.as_str()) {
        findings.push(Finding::new(RULE, &place, refusal(&member.name)));
    }
    if member.name != member.folder {
        let detail = format!(
            "the crate {} lies in the folder {}; give both one name",
            member.name, member.folder
        );
        findings.push(Finding::new(RULE, place, detail));
    }
    findings
}

fn of_file(file: &File) -> Vec<Finding> {
    let path = file.in_crate().unwrap_or_default().trim_end_matches(".rs");
    let segments = path.split('/').filter(|segment| REFUSED.contains(segment));
    let mut findings: Vec<Finding> = segments
        .map(|name| Finding::new(RULE, &file.path, refusal(name)))
        .collect();
    for (index, line) in file.production().lines().enumerate() {
        if let Some(name) = inline_module(line).filter(|name| REFUSED.contains(name)) {
            findings.push(Finding::new(
                RULE,
                format!("{}:{}", file.path, index + 1),
                refusal(name),
            ));
        }
    }
    findings
}

/// The name in `mod name {`; a module in its own file is found by that file.
fn inline_module(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("mod ")?;
    let declares = before.trim().is_empty() || before.trim_start().starts_with("pub");
    declares.then(|| rest.strip_suffix('{').map(str::trim)).flatten()
}

fn refusal(name: &str) -> String {
    format!("`{name}` says nothing about what is inside; name it after that")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::planted;

    #[test]
    fn empty_names_are_found_as_files_folders_and_inline_modules() {
        let repository = planted(&[
            ("crates/a/src/utils.rs", "//! A.\n"),
            ("crates/a/src/helpers/one.rs", "//! A.\n"),
            (
                "crates/a/src/lib.rs",
                "//! A.\npub(crate) mod types {\n}\nmod tenant;\n",
            ),
            ("crates/a/src/hardcore.rs", "//! A.\n"),
        ]);
        let places: Vec<String> = check(&repository, &[])
            .into_iter()
            .map(|finding| finding.place)
            .collect();
        assert_eq!(
            places,
            [
                "crates/a/src/helpers/one.rs",
                "crates/a/src/lib.rs:2",
                "crates/a/src/utils.rs"
            ]
        );
    }

    #[test]
    fn crates_have_a_telling_name_and_lie_in_a_folder_of_it() {
        let member = |name: &str, folder: &str| Member {
            name: name.to_owned(),
            folder: folder.to_owned(),
            names: Vec::new(),
        };
        let members = [
            member("core", "core"),
            member("store", "database"),
            member("wire", "wire"),
        ];
        let findings = check(&Repository::default(), &members);
        assert_eq!(findings.len(), 2);
        assert!(findings[0].detail.contains("core") && findings[1].detail.contains("database"));
    }
}
