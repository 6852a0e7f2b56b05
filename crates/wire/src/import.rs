//! Uploads and imports: what comes in, and what a node makes of it.

use domain::{DatabaseName, TenantId, TransferId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /api/uploads`: begin to upload a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadRequest {
    /// How large it is.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// Its name, for people.
    #[serde(default)]
    pub file_name: Option<String>,
}

/// An upload.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UploadView {
    /// `upl_…`
    pub id: String,
    /// Its name, for people.
    pub file_name: String,
    /// How large it is to become.
    pub bytes: u64,
    /// How much of it is there: where the next piece begins.
    pub offset: u64,
    /// Who uploads it.
    pub by: String,
    /// Their name, or their address where they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// Whether a tenant is being made of it.
    #[serde(default)]
    pub importing: bool,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it is removed, whole or not.
    pub expires_at: Timestamp,
}

/// `POST /api/imports`: make a new tenant of an upload that is whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// The upload.
    #[serde(default)]
    pub upload: Option<String>,
    /// The new tenant's subdomain.
    #[serde(default)]
    pub subdomain: Option<String>,
    /// Its company; nothing is the subdomain.
    #[serde(default)]
    pub company_name: Option<String>,
    /// Its administrator's address, for whom a link is made to choose a password. Without it the passwords stay as they come.
    #[serde(default)]
    pub admin_email: Option<String>,
    /// Its plan; nothing is the usual one.
    #[serde(default)]
    pub plan: Option<String>,
    /// Its node.
    #[serde(default)]
    pub node: Option<String>,
    /// Whether its mail servers stay switched on. They are switched off otherwise: where it comes from may still be in use.
    #[serde(default)]
    pub keep_mail: Option<bool>,
}

/// Make a tenant of a file that somebody uploaded. Nothing in it is believed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// The name that its database gets.
    pub database: DatabaseName,
    /// Where the file comes from.
    pub transfer: TransferId,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// The series of Odoo that is served here, where that is known.
    #[serde(default)]
    pub odoo_version: Option<String>,
    /// Its address.
    pub base_url: String,
    /// Whether its mail servers are switched off.
    pub quiet: bool,
}
