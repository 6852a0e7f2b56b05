//! The markers that the edge reads: empty files, one for each tenant that is served, in the folder of its state.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::managed::Standing;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use wire::node::Cause;

/// The folder of all markers.
#[derive(Clone, Debug)]
pub(crate) struct Markers {
    base: PathBuf,
}

/// What the edge does for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Visitors get to Odoo.
    Active,
    /// 402.
    Suspended,
    /// 402 for the back office alone.
    Restricted,
    /// 503, the customer's own choice.
    Paused,
    /// 503, for a moment.
    Maintenance,
}

impl Marker {
    const ALL: [Self; 5] = [
        Self::Active,
        Self::Suspended,
        Self::Restricted,
        Self::Paused,
        Self::Maintenance,
    ];

    const fn folder(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Restricted => "restricted",
            Self::Paused => "paused",
            Self::Maintenance => "maintenance",
        }
    }

    /// What the edge should do for a database of this standing; nothing is 404.
    pub(crate) const fn of(standing: Standing) -> Option<Self> {
        match standing {
            Standing::Open => Some(Self::Active),
            Standing::Suspended => Some(Self::Suspended),
            Standing::Restricted => Some(Self::Restricted),
            Standing::Paused => Some(Self::Paused),
            Standing::Maintenance => Some(Self::Maintenance),
            Standing::Building
            | Standing::Tombstone
            | Standing::Template
            | Standing::Replaced
            | Standing::Pooled
            | Standing::Arriving
            | Standing::Kept => None,
        }
    }
}

impl Markers {
    /// Makes the folders.
    pub(crate) fn open(base: &Path) -> Result<Self, NodeError> {
        for marker in Marker::ALL {
            let folder = base.join(marker.folder());
            fs::create_dir_all(&folder).map_err(NodeError::file("make", &folder))?;
        }
        for cause in Cause::ALL {
            let folder = base.join(cause.as_str());
            fs::create_dir_all(&folder).map_err(NodeError::file("make", &folder))?;
        }
        Ok(Self {
            base: base.to_owned(),
        })
    }

    /// Whether a database has this marker and no other.
    pub(crate) fn is(&self, database: &Identifier, wanted: Option<Marker>) -> bool {
        Marker::ALL
            .into_iter()
            .all(|marker| self.path(marker, database).exists() == (Some(marker) == wanted))
    }

    /// The marker that a database has, for people: `none`, or `several` where that cannot be.
    pub(crate) fn seen(&self, database: &Identifier) -> &'static str {
        let mut there = Marker::ALL
            .into_iter()
            .filter(|marker| self.path(*marker, database).exists());
        match (there.next(), there.next()) {
            (None, _) => "none",
            (Some(marker), None) => marker.folder(),
            (Some(_), Some(_)) => "several",
        }
    }

    fn path(&self, marker: Marker, database: &Identifier) -> PathBuf {
        self.base.join(marker.folder()).join(database.as_str())
    }

    /// Sets the one marker of a database, or removes all of them. The new one is made before the old one goes: the
    /// edge looks for the strictest first, so that no visitor meets a host without one.
    pub(crate) fn set(&self, database: &Identifier, wanted: Option<Marker>) -> Result<(), NodeError> {
        if let Some(wanted) = wanted {
            let target = self.path(wanted, database);
            fs::File::create(&target).map_err(NodeError::file("make", &target))?;
        }
        if wanted.is_none() {
            self.tell(database, None)?;
        }
        Marker::ALL
            .into_iter()
            .filter(|marker| Some(*marker) != wanted)
            .try_for_each(|marker| remove(&self.path(marker, database)))
    }

    /// Says what the page of a closed database tells of the reason. It closes nothing.
    pub(crate) fn tell(&self, database: &Identifier, cause: Option<Cause>) -> Result<(), NodeError> {
        for known in Cause::ALL {
            let path = self.base.join(known.as_str()).join(database.as_str());
            match cause == Some(known) {
                true => drop(fs::File::create(&path).map_err(NodeError::file("make", &path))?),
                false => remove(&path)?,
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<(), NodeError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(NodeError::file("remove", path)(error)),
        _ => Ok(()),
    }
}
