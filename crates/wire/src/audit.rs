//! The audit trail on the wire, and the lines of the file in which its chain is taken along.

mod chain;

pub use chain::{BadLine, ChainLine, day_of};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which entries, in which order.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only of this action, such as `tenant.suspend`; `tenant.*` is every action that begins so.
    #[serde(default)]
    pub action: Option<String>,
    /// Only by this actor: the id of a person, an API key or a node, or `link`, `nobody`, `system`.
    #[serde(default)]
    pub actor: Option<String>,
    /// Only of this subject, as the entries write it.
    #[serde(default)]
    pub subject: Option<String>,
    /// Only about this tenant: its subdomain, or its id, which outlives a renaming.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Only those that this organization's members may see.
    #[serde(default)]
    pub organization: Option<String>,
    /// Only from this address.
    #[serde(default)]
    pub address: Option<String>,
    /// `begun`, `done`, `failed` or `refused`.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Only of this operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// Not before this moment, or the beginning of this day (UTC).
    #[serde(default)]
    pub from: Option<String>,
    /// Before this moment, or to the end of this day (UTC).
    #[serde(default)]
    pub to: Option<String>,
    /// Part of subject, actor, reason or request id.
    #[serde(default)]
    pub search: Option<String>,
    /// `at`, `action`, `actor` or `subject`; with `-` before it, descending. `-at` by default.
    #[serde(default)]
    pub sort: Option<String>,
    /// 1 to 200; 50 by default. An export knows no pages.
    #[serde(default)]
    pub limit: Option<i64>,
    /// Where the page before ended: its `next_cursor`.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// An entry of the audit trail.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditEntryView {
    /// Identity.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What, as a word.
    pub action: String,
    /// What, in the caller's language.
    pub title: String,
    /// `begun`, `done`, `failed` or `refused`.
    pub outcome: String,
    /// To what.
    pub subject: String,
    /// Who.
    pub actor: String,
    /// In which role at that time: `staff:ROLE`, `organization:ROLE`, `node`, `link`, `system`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The organization whose members may see it; absent for what only the staff sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The tenant that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The operation that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The request that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The address that asked. Customers do not see the staff's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// What is since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
    /// More; customers see that of what customers did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub detail: Option<serde_json::Value>,
    /// Its place in the chain; absent while it waits to be sealed, for a second or so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<AuditSeal>,
}

/// The place of an entry in the chain.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditSeal {
    /// The day (UTC).
    #[schema(value_type = String)]
    pub day: String,
    /// The place in that day, from 1.
    pub number: i64,
    /// The hash that binds it to the entry before.
    pub hash: String,
}

/// A page of entries.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The entries.
    pub items: Vec<AuditEntryView>,
    /// How many match in all, as far as they are counted.
    pub total: i64,
    /// Whether no more match than that.
    pub total_is_exact: bool,
    /// For the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// An action that the trail speaks of.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditActionView {
    /// The word.
    pub action: String,
    /// In the caller's language.
    pub title: String,
    /// `begun`, `done`, `failed` or `refused`.
    pub outcome: String,
}

/// Which days of the chain.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditRange {
    /// The first day, `2026-11-29`; from the beginning without it.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day; to the present one without it.
    #[serde(default)]
    pub to: Option<String>,
}

/// What a check of the chain came to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditVerification {
    /// Whether nothing is wrong.
    pub whole: bool,
    /// How many days were looked at.
    pub days: u64,
    /// How many entries.
    pub entries: u64,
    /// How many entries wait to be sealed.
    pub unsealed: i64,
    /// When the oldest of those was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsealed_since: Option<Timestamp>,
    /// How much is wrong.
    pub found: usize,
    /// What is wrong; at most a thousand findings are told.
    pub findings: Vec<AuditFinding>,
}

/// Something that is wrong with the chain.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditFinding {
    /// The day.
    pub day: String,
    /// The place of the entry; absent for what concerns the whole day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The entry, where it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<i64>,
    /// `altered`, `missing`, `added`, `cut`, `content`, `seal-forged`, `head-forged`, `joint`, `day-missing`, `drop-forged`,
    /// `stray`.
    pub broken: String,
    /// In words.
    pub detail: String,
}

/// A key that signs the chain.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditKeyView {
    /// Identity.
    pub id: String,
    /// The public half (Ed25519), 64 hexadecimal digits. Keep it where the control database's administrators cannot write.
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it signs now.
    pub signs: bool,
}

/// The keys that signed the chain.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditKeyList {
    /// The keys, the oldest first.
    pub items: Vec<AuditKeyView>,
}

/// The actions that the trail speaks of.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditActionList {
    /// The actions.
    pub items: Vec<AuditActionView>,
}
