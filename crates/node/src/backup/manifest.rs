//! What a backup says of itself: written last, and compared with everything when it is read.

use crate::backup::archive::Wanted;
use crate::backup::sealing::{Key, Recipients};
use crate::backup::store::Store;
use crate::backup::{damaged, folder};
use crate::error::{Code, NodeError, StepFailure};
use crate::transfer::content::Head;
use aws_lc_rs::digest;
use domain::{BackupId, BackupKind, DatabaseName, TenantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read, Write};

/// The form of this file and of what it names.
const FORM: u32 = 1;
/// The largest manifest that is read: some millions of files.
const LARGEST: u64 = 1 << 30;

/// What a backup says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) form: u32,
    pub(crate) backup: BackupId,
    pub(crate) tenant: TenantId,
    pub(crate) database: DatabaseName,
    pub(crate) taken_at: jiff::Timestamp,
    pub(crate) why: BackupKind,
    pub(crate) by: String,
    pub(crate) product: String,
    pub(crate) odoo_version: Option<String>,
    /// Installed modules with their versions.
    pub(crate) modules: BTreeMap<String, Option<String>>,
    /// What wrote it: programs and their versions.
    pub(crate) tools: BTreeMap<String, String>,
    /// Identity, extensions, rows and relations of the database.
    pub(crate) head: Head,
    pub(crate) dump: Stored,
    /// Archives of files, this backup's and earlier ones'.
    pub(crate) archives: Vec<Stored>,
    pub(crate) files: Vec<FileEntry>,
    /// Files that the database names, and that were not there.
    #[serde(default)]
    pub(crate) files_missing: u64,
    /// What the database took of the disk, indexes and all.
    #[serde(default)]
    pub(crate) database_bytes: Option<u64>,
}

/// An object of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Its name in the store.
    pub(crate) object: String,
    /// Its size as it is stored.
    pub(crate) bytes: u64,
    /// Its SHA-256 as it is stored.
    pub(crate) sha256: String,
    /// Bytes that were put into it, before compression.
    pub(crate) plain_bytes: u64,
}

/// A file of the filestore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    #[serde(rename = "p")]
    pub(crate) path: String,
    #[serde(rename = "n")]
    pub(crate) bytes: u64,
    /// The number of its archive in the list.
    #[serde(rename = "a")]
    pub(crate) archive: usize,
    /// The SHA-1 of its content, where that is not what its name says.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub(crate) sha1: Option<String>,
}

impl FileEntry {
    /// What it must be in its archive.
    pub(crate) fn wanted(&self) -> (String, Wanted) {
        let wanted = Wanted {
            bytes: self.bytes,
            sha1: self.sha1.clone(),
        };
        (self.path.clone(), wanted)
    }
}

/// The manifest's name in the store.
pub(crate) fn name(tenant: TenantId, backup: BackupId) -> String {
    format!("{}/manifest.json.zst.age", folder(tenant, backup))
}

impl Manifest {
    pub(crate) const fn form() -> u32 {
        FORM
    }

    /// Writes it into the store. Returns its SHA-256 and its size there.
    pub(crate) async fn put(
        &self,
        store: &Store,
        recipients: &Recipients,
    ) -> Result<(String, u64), StepFailure> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let cut = |source| NodeError::Stream { source };
        let mut sealed = recipients.seal(Vec::new(), 3).map_err(cut)?;
        sealed.write_all(&text).map_err(cut)?;
        let stored = sealed.finish().map_err(cut)?;
        let (sha256, bytes) = (sha256(&stored), stored.len() as u64);
        store.put(&name(self.tenant, self.backup), stored).await?;
        Ok((sha256, bytes))
    }

    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// [`Code::BackupMissing`]; [`Code::BackupDamaged`] when it is not the one of this SHA-256, or cannot be read;
    /// [`Code::BackupKeyWrong`].
    pub(crate) async fn get(
        store: &Store,
        key: &Key,
        (tenant, backup): (TenantId, BackupId),
        wanted: Option<&str>,
    ) -> Result<Self, StepFailure> {
        let found = store.get(&name(tenant, backup), LARGEST).await?;
        let stored = found.ok_or_else(|| {
            StepFailure::new(
                Code::BackupMissing,
                format!("The store has no backup {backup} of this tenant."),
            )
        })?;
        if wanted.is_some_and(|wanted| wanted != sha256(&stored)) {
            return Err(damaged("its manifest is not the one that was written"));
        }
        let mut text = Vec::new();
        let mut opened = key.open(stored.as_slice())?;
        opened
            .read_to_end(&mut text)
            .map_err(super::sealing::unreadable)?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| damaged(format!("its manifest: {error}")))?;
        match manifest.form == FORM && manifest.tenant == tenant && manifest.backup == backup {
            true => Ok(manifest),
            false => Err(damaged("its manifest is another backup's, or of a newer form")),
        }
    }

    /// Bytes that all of it has in the store, without this manifest.
    pub(crate) fn stored_bytes(&self) -> u64 {
        let archives = self.archives.iter();
        self.dump.bytes + archives.map(|archive| archive.bytes).sum::<u64>()
    }

    /// Bytes of all files.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}
