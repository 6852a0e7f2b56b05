//! Downloads: what leaves, in which form, and what a node is told to send.

use crate::backup::StoreAccess;
use crate::plaintext::Plaintext;
use domain::{BackupId, DatabaseName, TenantId, TransferId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /api/backups/{id}/downloads` and `POST /api/tenants/{subdomain}/downloads`: make a link.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DownloadRequest {
    /// `odoo`: Odoo's own zip; `dump`: the database in PostgreSQL's own format; `files`: attachments that match; `table`: one table.
    /// Nothing is `odoo`.
    #[serde(default)]
    pub form: Option<String>,
    /// For how many hours the link works, 1 to 168; nothing is 24.
    #[serde(default)]
    pub hours: Option<i64>,
    /// Whether it works again after a download that came to its end, until its time is over.
    #[serde(default)]
    pub repeatable: Option<bool>,
    /// With `files`: which attachments; at least one of its fields.
    #[serde(default)]
    pub attachment: Option<AttachmentFilter>,
    /// With `table`: the table, in the schema `public`.
    #[serde(default)]
    pub table: Option<String>,
    /// With `table`: `csv` or `sql`. Nothing is `csv`.
    #[serde(default)]
    pub table_format: Option<String>,
}

/// Which attachments: those that fit everything that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachmentFilter {
    /// Its number in `ir_attachment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The SHA-1 of its content, as Odoo keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// A part of its name, in whatever case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The model of the record that it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The number of the record that it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<i64>,
}

/// A download: a link, and what became of it. The link itself is told once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DownloadView {
    /// `dwn_…`
    pub id: String,
    /// The link, with its secret behind the `#`; only in the answer to the request that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The tenant's subdomain when the backup was taken.
    pub subdomain: String,
    /// The tenant's identity (`ten_…`).
    #[serde(default)]
    pub tenant: String,
    /// The backup that it is of.
    pub backup: String,
    /// How the backup stands: there is nothing to fetch before it is `kept`.
    pub backup_state: String,
    /// `odoo`, `dump`, `files` or `table`.
    pub form: String,
    /// The name that the file gets.
    pub file_name: String,
    /// Who asked for it.
    pub by: String,
    /// Their name, where whoever looks may know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// When the link ends.
    pub expires_at: Timestamp,
    /// `preparing`, `ready`, `used`, `expired`, `revoked` or `failed`.
    pub state: String,
    /// Whether it works again after a download that came to its end.
    pub repeatable: bool,
    /// Who came for it, the newest first.
    pub fetches: Vec<FetchView>,
}

/// One time that somebody came for a download.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FetchView {
    /// When.
    pub begun_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Bytes that they had before, and did not want again.
    pub skipped: u64,
    /// Bytes that they took.
    pub bytes: u64,
    /// Whether they have all of it.
    pub whole: bool,
}

/// What the page of a link, or a program, sends: its token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchRequest {
    /// What stands behind the `#`.
    pub token: Plaintext,
    /// How many bytes are there already; the answer begins after them.
    #[serde(default)]
    pub offset: Option<u64>,
}

/// In which form something leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Form {
    /// Odoo's own zip.
    Odoo {
        /// The database's name, for its manifest.
        database: DatabaseName,
    },
    /// The database in PostgreSQL's own format.
    Dump,
    /// A zip of attachments that match, with a list of them.
    Files {
        /// Which.
        filter: AttachmentFilter,
    },
    /// One table.
    Table {
        /// Its name, in the schema `public`.
        table: String,
        /// How.
        format: TableFormat,
    },
}

impl Form {
    /// The word in the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Odoo { .. } => "odoo",
            Self::Dump => "dump",
            Self::Files { .. } => "files",
            Self::Table { .. } => "table",
        }
    }
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableFormat {
    /// Comma separated, with a line of headings.
    Csv,
    /// As `pg_restore -t` writes it.
    Sql,
}

/// Send what a backup holds to somebody who waits at the server. Nothing changes here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendBackup {
    /// Whose it is.
    pub tenant: TenantId,
    /// The backup.
    pub backup: BackupId,
    /// The SHA-256 that its manifest had when it was taken.
    pub manifest_sha256: String,
    /// Where it is.
    pub store: StoreAccess,
    /// [`crate::backup::BackupKeys`]. Never missing on the wire; stored orders are without it.
    pub keys: Option<Plaintext>,
    /// Where the other end waits.
    pub transfer: TransferId,
    /// The form.
    pub wanted: Form,
    /// Bytes that are there already.
    #[serde(default)]
    pub skip: u64,
}
