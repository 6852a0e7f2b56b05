//! Finds PostgreSQL's installed programs.

use crate::error::BinariesError;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version that is supported.
pub const MINIMUM_MAJOR: u32 = 15;

/// The variable that names the folder of the programs.
const FOLDER_VARIABLE: &str = "TENANTRY_PG_BIN";
/// Where Debian keeps one folder for each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// What is recommended to install when nothing is known.
const DEBIAN_PACKAGE: &str = "postgresql";

/// A version of PostgreSQL. Since version 10 it has two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Versions with the same major number read each other's data.
    pub major: u32,
    /// 0 for a version before release.
    pub minor: u32,
}

impl Version {
    /// Reads `postgres (PostgreSQL) 15.18 (Debian …)`; `18beta1` and `18rc1` count as 18.0.
    fn parse(text: &str) -> Option<Self> {
        let number = text.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
        let digits = |text: &str| {
            text.split(|letter: char| !letter.is_ascii_digit())
                .next()?
                .parse()
                .ok()
        };
        let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
        Some(Self {
            major: digits(major)?,
            minor: digits(minor)?,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// A folder with PostgreSQL's programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: Version,
}

impl Binaries {
    /// Finds the programs: in `$TENANTRY_PG_BIN` if that is set, else the newest under `/usr/lib/postgresql`,
    /// else where `pg_config` says or `PATH` leads. With a major version, only that version will do.
    ///
    /// # Errors
    /// When nothing fits; the error says what to install.
    pub fn find(major: Option<u32>) -> Result<Self, BinariesError> {
        if let Some(folder) = env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()) {
            return Self::at(Path::new(&folder), major);
        }
        let mut seen = Vec::new();
        for folder in candidates() {
            match Self::at(&folder, major) {
                Ok(binaries) => return Ok(binaries),
                Err(BinariesError::WrongVersion { found, .. }) => seen.push(found),
                Err(_) => {}
            }
        }
        Err(BinariesError::NotFound {
            wanted: wanted(major),
            seen: if seen.is_empty() {
                String::new()
            } else {
                format!(" (only {})", seen.join(", "))
            },
            package: major.map_or_else(
                || DEBIAN_PACKAGE.to_owned(),
                |major| format!("postgresql-{major}"),
            ),
        })
    }

    /// Takes the programs of this folder.
    ///
    /// # Errors
    /// When they are not there, or are of an unsuitable version.
    pub fn at(folder: &Path, major: Option<u32>) -> Result<Self, BinariesError> {
        let not_there = || BinariesError::NotThere {
            folder: folder.to_owned(),
        };
        let folder = folder.canonicalize().map_err(|_| not_there())?;
        if !folder.join("initdb").is_file() {
            return Err(not_there());
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output();
        let text = output.map_err(|_| not_there())?.stdout;
        let version = Version::parse(&String::from_utf8_lossy(&text)).ok_or_else(not_there)?;
        if version.major < MINIMUM_MAJOR || major.is_some_and(|major| major != version.major) {
            return Err(BinariesError::WrongVersion {
                folder,
                found: version.to_string(),
                wanted: wanted(major),
            });
        }
        Ok(Self { folder, version })
    }

    /// The version of `postgres`.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The path of a program, which need not exist: server-only installations lack `psql` and `pg_dump`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether the server can load this library: packages have it beside the programs, one folder deeper or not.
    pub(crate) fn has_library(&self, name: &str) -> bool {
        let file = format!("{name}.so");
        let folders = ["lib", "lib/postgresql"];
        self.folder.parent().is_some_and(|base| {
            folders
                .iter()
                .any(|folder| base.join(folder).join(&file).is_file())
        })
    }

    /// The environment that the programs need: repackaged ones carry their libraries beside them.
    pub(crate) fn environment(&self) -> Option<(OsString, OsString)> {
        let libraries = self.folder.parent()?.join("lib");
        libraries
            .join("libpq.so.5")
            .exists()
            .then(|| ("LD_LIBRARY_PATH".into(), libraries.into()))
    }
}

fn wanted(major: Option<u32>) -> String {
    major.map_or_else(|| format!("{MINIMUM_MAJOR} or newer"), |major| major.to_string())
}

/// Folders to look in, best first. `PATH` comes last: what is there may be a wrapper of the real program.
fn candidates() -> Vec<PathBuf> {
    let mut majors: Vec<u32> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    majors.sort_unstable_by(|left, right| right.cmp(left));
    let mut folders: Vec<PathBuf> = majors
        .into_iter()
        .map(|major| Path::new(DEBIAN).join(major.to_string()).join("bin"))
        .collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        let read = |text| Version::parse(text).map(|version| (version.major, version.minor));
        assert_eq!(
            read("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some((15, 18))
        );
        assert_eq!(read("postgres (PostgreSQL) 18beta1"), Some((18, 0)));
        assert_eq!(read("bash 5"), None);
    }

    #[test]
    fn installed_programs_are_found() {
        let binaries = Binaries::find(None).unwrap();
        assert!(binaries.version().major >= MINIMUM_MAJOR);
        assert!(binaries.program("initdb").is_file());
    }

    #[test]
    fn a_version_that_is_not_installed_is_named_with_its_package() {
        let error = Binaries::find(Some(99)).unwrap_err().to_string();
        assert!(error.contains("99") && error.contains("postgresql-99"), "{error}");
    }

    #[test]
    fn a_folder_without_the_programs_is_refused() {
        let error = Binaries::at(Path::new("/etc"), None).unwrap_err();
        assert!(matches!(error, BinariesError::NotThere { .. }));
    }
}
