//! What a node sees of a tenant when it looks.

use serde::{Deserialize, Serialize};

/// How a tenant looks from outside once it is closed; each was looked at, none is concluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the edge answered for the tenant's host; nothing when it did not answer.
    pub edge_status: Option<u16>,
    /// Whether Odoo's role may connect to the database.
    pub odoo_may_connect: bool,
    /// Whether Odoo's cron would find the database.
    pub odoo_lists_it: bool,
    /// Sessions that were ended.
    pub sessions_ended: u64,
    /// Sessions that were left afterwards, but for those of superusers and of the node, by which backups are taken.
    pub sessions_left: u64,
}

/// What a check of a tenant found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantCheck {
    /// Files that the database names.
    pub files: u64,
    /// Of these, missing in the filestore after the check.
    pub missing_files: u64,
    /// Files that were brought back from a template.
    pub repaired_files: u64,
    /// Whether owner and rights of the database were as the tenant's standing wants.
    pub gate_right: bool,
    /// Whether the edge's marker was as the tenant's standing wants; a repair sets it.
    pub marker_right: bool,
}
