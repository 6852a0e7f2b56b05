//! Bringing a tenant back to a moment: what a node is told, and what it tells of how far back it can go.

use crate::backup::StoreAccess;
use crate::node::Service;
use crate::plaintext::Plaintext;
use domain::{BackupId, DatabaseName, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bring a tenant back to a moment, in the place of what is there or as a tenant that was not there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RewindTenant {
    /// The tenant that gets it.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// Who it was at that moment; for a new tenant, another one. It is on this node.
    pub from: TenantId,
    /// The moment.
    pub at: Timestamp,
    /// Its address afterwards.
    pub base_url: String,
    /// How it is served afterwards.
    pub service: Service,
    /// Whether its mail servers are switched off.
    #[serde(default)]
    pub quiet: bool,
    /// The store of the backups that follow.
    pub store: StoreAccess,
    /// [`crate::backup::BackupKeys`]. Never missing on the wire; stored orders are without it.
    pub keys: Option<Plaintext>,
    /// Backups in which files may be that were collected since, the likeliest first.
    #[serde(default)]
    pub backups: Vec<BackupWithFiles>,
}

/// A backup in which files may be that are not in the filestore any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupWithFiles {
    /// The backup.
    pub backup: BackupId,
    /// The SHA-256 that its manifest had when it was taken.
    pub manifest_sha256: String,
}

/// How far back a node's cluster can be brought, and how the archive of its log stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointInTimeView {
    /// The earliest moment that can be reached; nothing as long as there is no whole base backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Timestamp>,
    /// The latest moment that can be reached: when the node last looked, or, while archiving fails, when it last went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Timestamp>,
    /// When a piece of the log last went into the archive: what is later is on the cluster's own disk alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// When the newest base backup was whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backed_up_at: Option<Timestamp>,
    /// Base backups from which a moment can be reached.
    #[serde(default)]
    pub backups: u32,
    /// Bytes of the archive.
    #[serde(default)]
    pub bytes: u64,
    /// Since when archiving fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Where the archive has a gap: nothing before it can be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<Timestamp>,
    /// What is wrong, in the node's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What somebody has to mend, as a stable word: `off`, `failing`, `waiting`, `no-base`, `old-base` or `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<String>,
}
