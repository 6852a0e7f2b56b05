//! The archive of the machine's PostgreSQL, by which a tenant can be brought back to a moment: kept where pgBackRest is installed.

use super::layout::Layout;
use super::secrets::Secrets;
use crate::agent::ROLE;
use crate::configuration::PointInTimeSection;
use crate::files;
use anyhow::{Context as _, Result};
use cluster::Durability;
use node::Archive;
use std::path::{Path, PathBuf};

/// Where distributions put it.
const PROGRAM: &str = "/usr/bin/pgbackrest";
/// A base backup every day, and every week one that stands without others.
const HOURS: (u32, u32) = (24, 7 * 24);

/// The archive of this machine.
#[derive(Debug)]
pub(crate) struct Kept {
    config: PathBuf,
    aside: PathBuf,
    /// What PostgreSQL is told.
    pub(crate) settings: Vec<(String, String)>,
}

impl Kept {
    /// Writes down what pgBackRest needs to know. Nothing where it is not installed, or where nothing is to last.
    pub(crate) fn prepare(
        layout: &Layout,
        secrets: &Secrets,
        durability: Durability,
    ) -> Result<Option<Self>> {
        let program = Path::new(PROGRAM);
        if durability == Durability::Disposable || !program.is_file() {
            return Ok(None);
        }
        let folder = layout.path("archive");
        let aside = layout.path("aside");
        for made in [folder.clone(), aside.clone()] {
            files::folder(&made, 0o700, &layout.account)?;
        }
        for name in Archive::FOLDERS {
            files::folder(&folder.join(name), 0o700, &layout.account)?;
        }
        let config = folder.join("pgbackrest.conf");
        let archive = Archive {
            program,
            config: &config,
            folder: &folder,
            key: secrets
                .archive_key
                .as_deref()
                .context("there is no key for the archive")?,
            data_dir: &layout.path("postgres/data"),
            socket_dir: &layout.path("postgres/socket"),
            port: layout.ports.postgres,
            role: ROLE,
        };
        files::write(&config, &archive.configuration(), 0o600, &layout.account)?;
        Ok(Some(Self {
            settings: archive.settings(),
            config,
            aside,
        }))
    }

    /// What the node is told.
    pub(crate) fn section(&self) -> PointInTimeSection {
        let (backup_hours, full_hours) = HOURS;
        PointInTimeSection {
            program: PathBuf::from(PROGRAM),
            config: self.config.clone(),
            stanza: Archive::STANZA.to_owned(),
            aside_dir: self.aside.clone(),
            backup_hours,
            full_hours,
        }
    }
}
