//! Backups in the API: which there are, where they are kept, what can be asked of them.

use crate::plaintext::Plaintext;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// `POST /api/tenants/{subdomain}/backups`: take one now.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackup {
    /// The store that it goes into; nothing is the first that backups are taken into by the clock.
    #[serde(default)]
    pub store: Option<String>,
}

/// `POST /api/backups/{id}/verify`: look whether it is whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// Whether it is restored into a scratch database, looked at there and dropped, instead of being read.
    #[serde(default)]
    pub restore: Option<bool>,
}

/// `POST /api/backups/{id}/restore`: bring a tenant back, or make a new one of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// In place: the tenant's subdomain again, because what is there now goes.
    #[serde(default)]
    pub confirm: Option<String>,
    /// The subdomain of a new tenant that it is to become instead. Nothing that is there changes.
    #[serde(default)]
    pub subdomain: Option<String>,
    /// The new tenant's company; nothing is the old one's.
    #[serde(default)]
    pub company_name: Option<String>,
    /// The node of the new tenant.
    #[serde(default)]
    pub node: Option<String>,
    /// In place: no backup is taken before. For a tenant that is too broken for one.
    #[serde(default)]
    pub without_safety: Option<bool>,
    /// As a new tenant: its mail servers stay switched on. They are switched off otherwise, so that a copy writes to nobody.
    #[serde(default)]
    pub keep_mail: Option<bool>,
}

/// `POST /api/tenants/{subdomain}/restore`: bring a tenant back to a moment, or make a new one of what it was then.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreAt {
    /// The moment, within the window of the tenant's node.
    #[serde(default)]
    #[schema(required = true)]
    pub at: Option<Timestamp>,
    /// In place: the tenant's subdomain again, because what is there now goes.
    #[serde(default)]
    pub confirm: Option<String>,
    /// The subdomain of a new tenant that it is to become instead, on the same node. Nothing that is there changes.
    #[serde(default)]
    pub subdomain: Option<String>,
    /// The new tenant's company; nothing is the old one's.
    #[serde(default)]
    pub company_name: Option<String>,
    /// In place: no backup is taken before. For a tenant that is too broken for one.
    #[serde(default)]
    pub without_safety: Option<bool>,
    /// As a new tenant: its mail servers stay switched on.
    #[serde(default)]
    pub keep_mail: Option<bool>,
}

/// `PUT /api/backups/{id}`: whether it stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldBackup {
    /// Whether it stays, whatever its store's rules say.
    #[serde(default)]
    pub held: Option<bool>,
}

/// A backup.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BackupView {
    /// `bak_…`
    pub id: String,
    /// The tenant's subdomain when it was taken.
    pub subdomain: String,
    /// The tenant; it may be gone.
    pub tenant: String,
    /// The store that it is in.
    pub store: String,
    /// The node that took it.
    pub node: String,
    /// `scheduled`, `manual`, `before` or `final`.
    pub kind: String,
    /// `taking`, `kept`, `failed`, `damaged` or `forgotten`.
    pub state: String,
    /// Who wanted it: a person, a key, or `system` for the clock.
    pub by: String,
    /// Their name, or their address where they have none; nothing for the clock, for who is gone, and, to customers, for the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// The operation that took it.
    pub operation: String,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// The moment that it holds: nothing later is in it, and everything earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Timestamp>,
    /// When it was whole, or had failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The same as a stable word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// What is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<BackupContent>,
    /// Whether somebody said that it stays.
    pub held: bool,
    /// How it was last looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<BackupProof>,
}

impl BackupView {
    /// The moment that it holds; until that is known, the one at which it was begun.
    #[must_use]
    pub fn moment(&self) -> Timestamp {
        self.taken_at.unwrap_or(self.begun_at)
    }
}

/// What is in a backup.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BackupContent {
    /// Bytes of the database's dump, before it was compressed.
    pub database_bytes: u64,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// Files that the database names and that were not there to be kept.
    #[serde(default)]
    pub files_missing: u64,
    /// Files that the store did not have before.
    pub new_files: u64,
    /// Bytes that it added to the store.
    pub stored_bytes: u64,
    /// Rows of key tables.
    pub rows: BTreeMap<String, i64>,
    /// Odoo's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odoo_version: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// How a backup was looked at and found whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BackupProof {
    /// When.
    pub at: Timestamp,
    /// Whether it was restored, and not only read.
    pub restored: bool,
    /// Rows of key tables that were counted then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Files that were there and are what their names say.
    pub files: u64,
    /// What Odoo answered for its login page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_status: Option<u16>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// How many backups stay in a store: the newest ones, and the newest of each of so many days, weeks, months and years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionView {
    /// The newest ones, at least one.
    pub last: u16,
    /// Of days.
    pub days: u16,
    /// Of weeks.
    pub weeks: u16,
    /// Of months.
    pub months: u16,
    /// Of years.
    pub years: u16,
}

/// `PUT /api/backup-stores/{name}`: adds a store, or changes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutStore {
    /// `folder`, which is one of each node, or `s3`. It stays what it is.
    #[serde(default)]
    pub kind: Option<String>,
    /// S3: scheme, host and port.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// S3: the region; `us-east-1` if it is not said.
    #[serde(default)]
    pub region: Option<String>,
    /// S3: the bucket.
    #[serde(default)]
    pub bucket: Option<String>,
    /// S3: what names begin with.
    #[serde(default)]
    pub prefix: Option<String>,
    /// S3: whether the bucket stands in the path; so it does if it is not said.
    #[serde(default)]
    pub path_style: Option<bool>,
    /// S3: the class that objects are stored in.
    #[serde(default)]
    pub storage_class: Option<String>,
    /// S3: for how many days objects are locked from each backup on that needs them, at most 366; 0 locks none. The bucket must have
    /// been made for it.
    #[serde(default)]
    pub lock_days: Option<i64>,
    /// S3: who we are.
    #[serde(default)]
    pub access_key: Option<String>,
    /// S3: what we prove it with; never shown again. Nothing leaves it as it is.
    #[serde(default)]
    pub secret_key: Option<Plaintext>,
    /// Whether backups are taken into it by the clock; so they are if it is not said.
    #[serde(default)]
    pub scheduled: Option<bool>,
    /// How many stay; nothing leaves it as it is.
    #[serde(default)]
    pub retention: Option<RetentionView>,
}

/// A store of backups. Its secret key is never shown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StoreView {
    /// Its name.
    pub name: String,
    /// `folder` or `s3`.
    pub kind: String,
    /// S3: scheme, host and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// S3: the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// S3: the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// S3: what names begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// S3: whether the bucket stands in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
    /// S3: the class that objects are stored in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// S3: for how many days objects are locked from each backup on that needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_days: Option<i64>,
    /// S3: who we are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// Whether backups are taken into it by the clock.
    pub scheduled: bool,
    /// How many stay.
    pub retention: RetentionView,
    /// Backups that are in it.
    pub backups: i64,
    /// Bytes that they added to it.
    pub bytes: i64,
}

/// When backups are taken by the clock, as it is said for a plan or a tenant. What is not said is as above: for a tenant as its
/// plan says, for a plan as the installation's settings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupSchedule {
    /// Hours from one backup to the next, at most 720; 0 takes none by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 6)]
    pub every_hours: Option<i64>,
    /// The hour at which they begin to be taken, 0 to 23, UTC. Each tenant has its own time in the hours after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    pub opens_hour: Option<i64>,
}

/// When backups of a tenant are taken by the clock.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BackupScheduleView {
    /// Hours from one backup to the next; 0 takes none by the clock.
    pub every_hours: i64,
    /// The hour at which they begin to be taken, UTC.
    pub opens_hour: i64,
    /// Over how many hours after it the tenants are spread.
    pub window_hours: i64,
    /// Who says how often: `tenant`, `plan` or `installation`.
    pub decided_by: String,
    /// What was said for the tenant itself.
    pub own: BackupSchedule,
    /// When the next one is due; nothing if none is taken by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
}

/// `GET /api/backup-health`: whether every tenant has a fresh backup.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BackupHealth {
    /// Whether backups are taken by the clock at all.
    pub by_clock: bool,
    /// A backup that is older than so many hours is not fresh, where neither the tenant nor its plan says how often one is taken;
    /// where one does, it is after a period and a half.
    pub fresh_hours: i64,
    /// Tenants that are to have one: those that are in use, paused or suspended, unless none are to be taken by the clock.
    pub tenants: i64,
    /// Those of them that have no fresh one in some store that backups are taken into by the clock.
    pub unguarded: i64,
    /// Tenants of which none are taken by the clock, as they or their plans say. Whether their backups are fresh is not asked.
    #[serde(default)]
    pub left_out: i64,
    /// Backups that are whole.
    pub backups: i64,
    /// Bytes that they added to their stores.
    pub bytes: i64,
    /// Backups that were found damaged.
    pub damaged: i64,
    /// Tenants of which one was restored for proof in the last 24 hours.
    pub proven: i64,
    /// The tenants without a fresh one, at most a hundred, once for each store in which they have none; those without any first.
    pub without: Vec<UnguardedTenant>,
    /// Tenants whose newest backup in a store lacks more files than one before it, at most a hundred, by name.
    #[serde(default)]
    pub incomplete: Vec<IncompleteBackup>,
    /// Tenants of which the last try to restore a backup for proof went wrong, though nothing says that the backup is not whole; at
    /// most a hundred, by name.
    #[serde(default)]
    pub unproven: Vec<UnprovenBackup>,
    /// The nodes whose archive of PostgreSQL's log is broken: to what was written since, no tenant of theirs can be brought back.
    #[serde(default)]
    pub archives: Vec<ArchiveTrouble>,
}

/// A tenant without a fresh backup in a store.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnguardedTenant {
    /// Its subdomain.
    pub subdomain: String,
    /// The store in which it has none; nothing where backups are taken into no store by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// When the newest that is whole was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// Why the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The same as a stable word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
}

/// A tenant whose newest backup in a store lacks more files than one before it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct IncompleteBackup {
    /// Its subdomain.
    pub subdomain: String,
    /// That newest one, `bak_…`.
    pub backup: String,
    /// How many files it lacks that the database names.
    pub files_missing: i64,
    /// When the newest that lacks fewer was begun.
    pub better_at: Timestamp,
}

/// A backup that was to be restored for proof, and could not be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnprovenBackup {
    /// Its tenant's subdomain.
    pub subdomain: String,
    /// The backup, `bak_…`.
    pub backup: String,
    /// When it was tried.
    pub failed_at: Timestamp,
    /// Why it could not be.
    pub failure: String,
    /// The same as a stable word.
    pub failure_code: String,
}

/// The archive of a node's PostgreSQL that does not do what it is there for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ArchiveTrouble {
    /// The node.
    pub node: String,
    /// What it is: `off`, `failing`, `waiting`, `no-base`, `old-base` or `refused`.
    pub kind: String,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The latest moment that can be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Timestamp>,
    /// What the node says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
