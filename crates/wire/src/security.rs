//! Blocks of the front door on the wire.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Requests of one address that broke one rule of the front door.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BlockView {
    /// The id that the refused client was told (`blk_…`).
    pub id: String,
    /// The rule: `traversal`, `null-byte`, `headers`, `scanner-path` or `scanner-agent`.
    pub rule: String,
    /// The client's address.
    pub address: String,
    /// Whether the newest request was refused, or only reported.
    pub refused: bool,
    /// The newest request's method.
    pub method: String,
    /// The newest request's path, cut short, without its query.
    pub path: String,
    /// What its program calls itself, cut short.
    pub agent: String,
    /// The newest request.
    pub request_id: String,
    /// How many requests there were.
    pub count: i64,
    /// When the first came.
    pub first_at: Timestamp,
    /// When the newest came.
    pub last_at: Timestamp,
    /// Until when the rule is not applied to the address, if staff lifted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_until: Option<Timestamp>,
    /// Who lifted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<String>,
}
