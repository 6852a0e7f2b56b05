//! Entering a tenant by a one-time link: the node's orders, and what the API answers.

use crate::plaintext::Plaintext;
use domain::{DatabaseName, SupportId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Let somebody in once, by a link whose token has this hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnterTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// The entry, which its session will name.
    pub entry: Uuid,
    /// SHA-256 of the token, in hexadecimal digits. The token is not at hand.
    pub token_hash: String,
    /// How many seconds the link works.
    pub seconds: u32,
    /// As whom.
    pub visitor: Visitor,
}

/// As whom somebody enters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case")]
pub enum Visitor {
    /// As the tenant's administrator, whose sessions are Odoo's to end.
    Administrator,
    /// As the support user.
    Support {
        /// The access that lets them in; with it the session ends.
        access: SupportId,
        /// What the user is called in Odoo.
        display_name: String,
        /// When the session ends by itself.
        ends_at: Timestamp,
    },
}

/// End a support access: its unused links, its sessions, and the support user if nobody else is inside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndEntries {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database; a tombstone's name in life.
    pub database: DatabaseName,
    /// The access.
    pub access: SupportId,
}

/// A link that lets somebody into a tenant once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entrance {
    /// The link, shown this once. What lets in stands behind the `#`.
    #[schema(value_type = String)]
    pub url: Plaintext,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// The operation that made it work.
    pub operation_id: String,
}
