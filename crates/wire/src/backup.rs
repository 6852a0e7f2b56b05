//! Backups: what a node is told to keep, to look at, to bring back and to forget, and what it tells of that.

use crate::node::Service;
use crate::plaintext::Plaintext;
use domain::{BackupId, BackupKind, DatabaseName, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where backups are kept, as a node is told. The secret key goes with [`BackupKeys`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StoreAccess {
    /// The folder that this node was told at its start.
    Folder,
    /// A bucket of a store that speaks S3.
    S3(S3Access),
}

/// A bucket of a store that speaks S3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3Access {
    /// Scheme, host and port.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// What names begin with; may be empty.
    #[serde(default)]
    pub prefix: String,
    /// Whether the bucket stands in the path rather than in the host's name.
    #[serde(default)]
    pub path_style: bool,
    /// The class that objects are stored in; nothing leaves it to the bucket.
    #[serde(default)]
    pub storage_class: Option<String>,
    /// For how many days what a backup is made of is locked in the store, from the backup on; 0 locks nothing.
    #[serde(default)]
    pub lock_days: u16,
    /// Who we are.
    pub access_key: String,
}

/// What opens backups and their store; goes as one text in [`Plaintext`].
#[derive(Clone, Serialize, Deserialize)]
pub struct BackupKeys {
    /// The tenant's secret key in age's form, `AGE-SECRET-KEY-1…`.
    pub identity: String,
    /// The store's secret key, where it has one.
    #[serde(default)]
    pub secret_key: Option<String>,
}

impl std::fmt::Debug for BackupKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BackupKeys(…)")
    }
}

/// Take a backup. The tenant stays as it is, in use or closed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackUpTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// What it is a database of, for the manifest.
    #[serde(default)]
    pub product: Option<String>,
    /// The backup that this becomes.
    pub backup: BackupId,
    /// Why it is taken.
    pub why: BackupKind,
    /// Who wanted it, for the manifest.
    pub by: String,
    /// The newest backup of the tenant in this store: files that it has are not sent again.
    #[serde(default)]
    pub base: Option<BackupId>,
    /// Where to.
    pub store: StoreAccess,
    /// Who may read it, in age's form: the tenant's key, and the operator's recovery key if there is one.
    pub recipients: Vec<String>,
    /// [`BackupKeys`]. Never missing on the wire; stored orders are without it.
    pub keys: Option<Plaintext>,
}

/// Look whether a backup is whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerifyBackup {
    /// Whose it is.
    pub tenant: TenantId,
    /// The backup.
    pub backup: BackupId,
    /// The SHA-256 that its manifest had when it was taken.
    pub manifest_sha256: String,
    /// Where it is.
    pub store: StoreAccess,
    /// [`BackupKeys`]. Never missing on the wire; stored orders are without it.
    pub keys: Option<Plaintext>,
    /// How closely.
    pub proof: Proof,
}

/// How closely a backup is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Every byte is read, decrypted and compared with the manifest.
    Read,
    /// It is restored into a scratch database and a scratch folder, looked at there, and dropped.
    Restore,
}

/// Bring a tenant back from a backup, in the place of what is there or as a tenant that was not there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RestoreTenant {
    /// The tenant that gets it.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// Whose backup it is; for a new tenant, another one's.
    pub from: TenantId,
    /// The backup.
    pub backup: BackupId,
    /// The SHA-256 that its manifest had when it was taken.
    pub manifest_sha256: String,
    /// Where it is.
    pub store: StoreAccess,
    /// [`BackupKeys`]. Never missing on the wire; stored orders are without it.
    pub keys: Option<Plaintext>,
    /// Its address afterwards.
    pub base_url: String,
    /// How it is served afterwards.
    pub service: Service,
    /// Whether its mail servers are switched off: a copy must not write to the customers of the one that it was copied from.
    #[serde(default)]
    pub quiet: bool,
}

/// Forget backups of a tenant, and whatever else of the tenant's lies in the store and belongs to no backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PruneBackups {
    /// Whose.
    pub tenant: TenantId,
    /// The backups that stay.
    pub keep: Vec<BackupId>,
    /// What was begun later than this was drawn is not looked at: this order does not know of it.
    pub up_to: BackupId,
    /// Where.
    pub store: StoreAccess,
    /// [`BackupKeys`]. Never missing on the wire; stored orders are without it.
    pub keys: Option<Plaintext>,
}

/// What a backup is, as its node tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// SHA-256 of the manifest as it is stored: whoever has this can tell whether anything of the backup was changed.
    pub manifest_sha256: String,
    /// Bytes of the database's dump before it was compressed.
    pub database_bytes: u64,
    /// Files.
    pub files: u64,
    /// Bytes of the files.
    pub file_bytes: u64,
    /// Files that were not in the store before.
    pub new_files: u64,
    /// Bytes that this backup added to the store.
    pub stored_bytes: u64,
    /// Rows of key tables.
    pub rows: BTreeMap<String, i64>,
    /// Odoo's version.
    #[serde(default)]
    pub odoo_version: Option<String>,
    /// The moment that it holds: nothing later is in it, and everything earlier.
    #[serde(default)]
    pub taken_at: Option<Timestamp>,
    /// Files that the database names and that were not there to be kept.
    #[serde(default)]
    pub files_missing: u64,
    /// How long it took.
    pub milliseconds: u64,
}

/// What looking at a backup found. That it is told says that nothing was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// Bytes that were read from the store.
    pub bytes: u64,
    /// Files that were there, and are what their names say.
    pub files: u64,
    /// Rows of key tables that were counted in the restored database; nothing where it was not restored.
    #[serde(default)]
    pub rows: Option<u64>,
    /// What Odoo answered for the restored database's login page; nothing where it was not asked or did not answer.
    #[serde(default)]
    pub login_status: Option<u16>,
    /// How long it took: the time that a restore would take.
    pub milliseconds: u64,
}

/// What was restored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// Rows of key tables.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Bytes that were read from the store.
    pub bytes: u64,
    /// How long the tenant was closed; nothing for one that was not there.
    #[serde(default)]
    pub stop_ms: Option<u64>,
    /// Files that came from backups, because they were collected since the moment.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub files_from_backups: u64,
    /// Files that the database names and that were found nowhere any more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub files_missing: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    /// Objects that were removed.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}
