//! The rules of this repository that a program can check: `cargo run -p checks`.
//!
//! Every file beside this one that is named after a rule holds that rule, its words and its tests. The exit code is 1
//! when a rule is broken, and each finding names the file and the rule.

mod documents;
mod finding;
mod first_line;
mod hosts;
mod layers;
mod length;
mod manifest;
mod named_tests;
mod names;
mod purity;
mod repository;
mod sql;

use anyhow::Context as _;
use finding::Finding;
use repository::Repository;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs every check.
fn all(root: &Path) -> anyhow::Result<(Vec<Finding>, length::Figures)> {
    let repository = Repository::read(root).context("the repository cannot be read")?;
    let members = manifest::read(root).context("cargo does not tell the workspace's crates")?;
    let mut findings = layers::check(&members);
    findings.extend(names::check(&repository, &members));
    findings.extend(first_line::check(&repository));
    findings.extend(length::check(&repository));
    findings.extend(purity::check(&repository));
    findings.extend(sql::check(&repository));
    findings.extend(hosts::check(&repository));
    findings.extend(documents::check(&repository));
    findings.extend(named_tests::check(&repository));
    Ok((findings, length::figures(&repository)))
}

/// The repository that this program was built from.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."))
        .to_owned()
}

fn main() -> anyhow::Result<ExitCode> {
    let (findings, figures) = all(&root())?;
    let mut output = io::stdout().lock();
    for finding in &findings {
        writeln!(output, "{finding}")?;
    }
    writeln!(output, "{figures}")?;
    let broken = findings.len();
    writeln!(
        output,
        "{}",
        if broken == 0 {
            "every check passed".to_owned()
        } else {
            format!("{broken} findings")
        }
    )?;
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_keeps_its_own_rules() {
        let (findings, _) = all(&root()).unwrap();
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "\n{}", told.join("\n"));
    }
}
