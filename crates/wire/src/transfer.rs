//! Moving a tenant between nodes: what each of the two is told to do, and what they tell of the stream between them.

use domain::{DatabaseName, TenantId, TransferId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /api/tenants/{subdomain}/move`: where the tenant is to go. Nothing leaves the choice to the control plane.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveTenant {
    /// This node and no other.
    #[serde(default)]
    pub node: Option<String>,
    /// One that is known by all of these.
    #[serde(default)]
    pub node_labels: Option<Vec<String>>,
}

/// How much of a tenant goes through a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "kebab-case")]
pub enum Part {
    /// Its files, while it is in use.
    Files,
    /// The database, and of the files those that came since.
    Whole {
        /// When the first transfer began, by the source's clock; nothing sends every file.
        since: Option<Timestamp>,
    },
}

/// Send a tenant to another node. Nothing changes here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// The transfer.
    pub transfer: TransferId,
    /// How much.
    #[serde(flatten)]
    pub part: Part,
}

/// Take a tenant from another node. Nobody but the node sees it before it is opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReceiveTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// The name that its database gets.
    pub database: DatabaseName,
    /// The transfer.
    pub transfer: TransferId,
    /// How much.
    #[serde(flatten)]
    pub part: Part,
    /// Its address here.
    pub base_url: String,
}

/// Where a tenant is put that is being moved. In none of them anybody is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shelf {
    /// Closed for a moment; one that is closed anyway stays as it is.
    Maintenance,
    /// It has come, or is to go again, and was not opened yet.
    Arriving,
    /// It has moved away; this is the copy that is left.
    Kept,
}

/// Close a tenant that is being moved, at the edge and at the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShelveTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// Where it is put.
    pub shelf: Shelf,
}

/// Drop a copy that nobody is served from: one that was not opened yet, or one that is left of a tenant that moved away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DiscardCopy {
    /// The tenant.
    pub tenant: TenantId,
    /// The name that its database has, or would have.
    pub database: DatabaseName,
    /// Which copy; never a tenant that is served.
    pub shelf: Shelf,
}

/// What went through a transfer, as one of its ends saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// When it began, by this node's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<Timestamp>,
    /// SHA-256 of the stream. Both ends must tell the same.
    pub sha256: String,
    /// Bytes of the stream.
    pub bytes: u64,
    /// Files in it.
    pub files: u64,
    /// Rows that were counted.
    #[serde(default)]
    pub rows: u64,
}
