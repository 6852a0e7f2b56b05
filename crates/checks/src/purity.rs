//! The rooms without I/O name nothing of the standard library that does any.

use crate::finding::Finding;
use crate::repository::{File, Repository};

const RULE: &str = "purity";

/// The rooms, and what of the standard library they do not name.
const PURE: [&str; 3] = ["domain", "edge", "wire"];
const IO: [&str; 9] = [
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "net::TcpStream",
    "net::UdpSocket",
    "SystemTime",
    "Instant",
];

/// Checks the sources of the pure rooms, without their tests.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let pure = |file: &&File| file.crate_name().is_some_and(|name| PURE.contains(&name));
    repository.sources().filter(pure).flat_map(in_file).collect()
}

fn in_file(file: &File) -> Vec<Finding> {
    let lines = file.production().lines().enumerate();
    let code = lines.filter(|(_, line)| !line.trim_start().starts_with("//"));
    let named = code.filter_map(|(index, line)| Some((index, IO.iter().find(|name| line.contains(**name))?)));
    named
        .map(|(index, name)| {
            let detail =
                format!("{name} is I/O or time, and this room has none; take the value as a parameter");
            Finding::new(RULE, format!("{}:{}", file.path, index + 1), detail)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::planted;

    #[test]
    fn reading_a_file_or_the_clock_is_found_in_pure_rooms_only() {
        let text = "//! A.\n// std::fs is not for us\nuse std::fs;\nlet now = Instant::now();\n";
        let repository = planted(&[("crates/edge/src/a.rs", text), ("crates/node/src/a.rs", text)]);
        let places: Vec<String> = check(&repository)
            .into_iter()
            .map(|finding| finding.place)
            .collect();
        assert_eq!(places, ["crates/edge/src/a.rs:3", "crates/edge/src/a.rs:4"]);
    }
}
