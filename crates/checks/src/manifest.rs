//! The crates of the workspace and what each of them names, as cargo tells it.

use crate::repository::BESIDE;
use cargo_metadata::{DependencyKind, MetadataCommand};
use std::path::Path;

/// For what a crate names another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// The crate itself, or its build script.
    Production,
    /// Its tests.
    Tests,
}

/// A crate that another one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) for_what: Use,
}

/// A crate of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The name of its folder.
    pub(crate) folder: String,
    pub(crate) names: Vec<Named>,
}

impl Member {
    /// The path of its manifest.
    pub(crate) fn manifest(&self) -> String {
        let above = if BESIDE.contains(&self.folder.as_str()) {
            ""
        } else {
            "crates/"
        };
        format!("{above}{}/Cargo.toml", self.folder)
    }
}

/// Asks cargo; nothing is downloaded or built for it.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<Member>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()?;
    let members = metadata.packages.iter().map(|package| Member {
        name: package.name.to_string(),
        folder: package
            .manifest_path
            .parent()
            .and_then(|folder| folder.file_name())
            .unwrap_or_default()
            .to_owned(),
        names: package.dependencies.iter().map(named).collect(),
    });
    Ok(members.collect())
}

fn named(dependency: &cargo_metadata::Dependency) -> Named {
    let for_what = if dependency.kind == DependencyKind::Development {
        Use::Tests
    } else {
        Use::Production
    };
    Named {
        name: dependency.name.clone(),
        for_what,
    }
}
