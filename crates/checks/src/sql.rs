//! SQL lives in two rooms: the control database's in the store, the node's cluster's in the node.

use crate::finding::Finding;
use crate::repository::{File, Repository};

const RULE: &str = "sql";

/// Rooms that may send statements: two for the work, the others are tools.
const ROOMS: [&str; 6] = ["bench", "chaos", "e2e", "node", "store", "testkit"];
/// What sends one. Put together, because this file is looked at, too.
const SENDS: &str = concat!("sqlx", "::");

/// Checks sources for statements and crates for migrations outside of those rooms.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let elsewhere = |file: &&File| file.crate_name().is_some_and(|name| !ROOMS.contains(&name));
    let mut findings: Vec<Finding> = repository
        .sources()
        .filter(elsewhere)
        .flat_map(statements)
        .collect();
    let scripts = repository
        .files
        .iter()
        .filter(elsewhere)
        .filter(|file| file.path.ends_with(".sql"));
    findings.extend(
        scripts.map(|file| Finding::new(RULE, &file.path, "SQL belongs to the rooms store and node")),
    );
    findings
}

fn statements(file: &File) -> Vec<Finding> {
    let lines = file.production().lines().enumerate();
    let found = lines.filter(|(_, line)| line.contains(SENDS) && !line.trim_start().starts_with("//"));
    let detail = "only store and node speak SQL; ask the store for what is needed here";
    found
        .map(|(index, _)| Finding::new(RULE, format!("{}:{}", file.path, index + 1), detail))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::planted;

    #[test]
    fn a_statement_outside_of_store_and_node_is_found() {
        let text = "//! A.\nlet row = sqlx::query(\"SELECT 1\");\n";
        let repository = planted(&[
            ("crates/control/src/a.rs", text),
            ("crates/store/src/a.rs", text),
            ("crates/node/src/a.rs", text),
            ("crates/web/migrations/1.sql", "SELECT 1;"),
            ("crates/store/migrations/1.sql", "SELECT 1;"),
        ]);
        let places: Vec<String> = check(&repository)
            .into_iter()
            .map(|finding| finding.place)
            .collect();
        assert_eq!(
            places,
            ["crates/control/src/a.rs:2", "crates/web/migrations/1.sql"]
        );
    }
}
