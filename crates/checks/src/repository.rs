//! The repository's files as the checks see them: read once, paths relative to its root.

use anyhow::Context as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders at the root that hold files of the project; everything else there is a tool's or a build's.
const FOLDERS: [&str; 9] = [
    ".cargo", ".ci", ".config", "api", "bench", "crates", "deploy", "docs", "scripts",
];
/// Crates that lie beside the folder of the others.
pub(crate) const BESIDE: [&str; 1] = ["bench"];
/// Folders at any depth that hold nothing of the project's own.
const SKIPPED: [&str; 3] = ["target", "node_modules", "__pycache__"];

/// One text file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    /// Its text; empty where it is not text.
    pub(crate) text: String,
}

/// Everything that the checks look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repository {
    /// All files, by path.
    pub(crate) files: Vec<File>,
}

impl Repository {
    /// Reads the files of the project below `root`.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(root)? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if kind.is_file() {
                files.push(file(root, &path)?);
            } else if kind.is_dir() && FOLDERS.contains(&name.as_str()) {
                walk(root, &path, &mut files)?;
            }
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { files })
    }

    /// The Rust files of the crates' `src` folders, without those that hold tests only.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_source())
    }

    /// Whether a file or a folder has this path.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = |file: &File| {
            file.path
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.files.iter().any(inside)
    }

    /// Whether some file's path ends with these whole segments.
    pub(crate) fn holds_ending(&self, ending: &str) -> bool {
        let inside = |file: &File| {
            file.path
                .strip_suffix(ending)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        self.files.iter().any(inside)
    }
}

impl File {
    /// The folder name of the crate that it belongs to.
    pub(crate) fn crate_name(&self) -> Option<&str> {
        Some(self.below_crates()?.0)
    }

    /// The path below the crate's folder.
    pub(crate) fn in_crate(&self) -> Option<&str> {
        Some(self.below_crates()?.1)
    }

    fn below_crates(&self) -> Option<(&str, &str)> {
        match self.path.split_once('/')? {
            ("crates", rest) => rest.split_once('/'),
            found => BESIDE.contains(&found.0).then_some(found),
        }
    }

    fn is_source(&self) -> bool {
        let inside = self.in_crate().and_then(|path| path.strip_prefix("src/"));
        let tests = |path: &str| {
            path.ends_with("/tests.rs") || path == "tests.rs" || format!("/{path}").contains("/tests/")
        };
        inside.is_some_and(|path| path.ends_with(".rs") && !tests(path))
    }

    /// The text without the module of tests at its end.
    pub(crate) fn production(&self) -> &str {
        let mut offset = 0;
        let mut lines = self.text.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            let opens_tests = lines
                .peek()
                .is_some_and(|next| next.starts_with("mod ") && next.trim_end().ends_with('{'));
            if line.trim_end() == "#[cfg(test)]" && opens_tests {
                return self.text.get(..offset).unwrap_or_default();
            }
            offset += line.len();
        }
        &self.text
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if kind.is_dir() && !SKIPPED.contains(&name.as_ref()) {
            walk(root, &path, files)?;
        } else if kind.is_file() {
            files.push(file(root, &path)?);
        }
    }
    Ok(())
}

fn file(root: &Path, path: &Path) -> anyhow::Result<File> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let relative: PathBuf = path.strip_prefix(root)?.into();
    Ok(File {
        path: relative.to_string_lossy().into_owned(),
        text: String::from_utf8(bytes).unwrap_or_default(),
    })
}

/// A repository of these files, for the tests of the checks.
#[cfg(test)]
pub(crate) fn planted(files: &[(&str, &str)]) -> Repository {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Repository::read(folder.path()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_project_are_read() {
        let repository = planted(&[
            ("README.md", "r"),
            ("crates/a/src/lib.rs", "l"),
            ("crates/a/target/x.rs", "t"),
            (".cache/odoo/y.md", "c"),
            ("target/z.rs", "t"),
        ]);
        let paths: Vec<&str> = repository.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["README.md", "crates/a/src/lib.rs"]);
        assert!(
            repository.holds("crates/a")
                && repository.holds("crates/a/src/")
                && !repository.holds("crates/a/sr")
        );
        assert!(repository.holds_ending("src/lib.rs") && !repository.holds_ending("ib.rs"));
    }

    #[test]
    fn tests_are_no_production() {
        let text = "//! A.\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
        let repository = planted(&[
            ("crates/a/src/lib.rs", text),
            ("crates/a/src/tests.rs", "x"),
            ("crates/a/tests/b.rs", "x"),
        ]);
        let sources: Vec<&File> = repository.sources().collect();
        assert_eq!(sources.len(), 1);
        assert_eq!(sources[0].production(), "//! A.\nfn a() {}\n\n");
        assert_eq!(
            (sources[0].crate_name(), sources[0].in_crate()),
            (Some("a"), Some("src/lib.rs"))
        );
    }

    #[test]
    fn crates_beside_the_others_are_sources_too() {
        let repository = planted(&[("bench/src/main.rs", "//! B.\n"), ("scripts/src/x.rs", "x")]);
        let sources: Vec<&File> = repository.sources().collect();
        assert_eq!(sources.len(), 1);
        assert_eq!(
            (sources[0].crate_name(), sources[0].in_crate()),
            (Some("bench"), Some("src/main.rs"))
        );
    }
}
