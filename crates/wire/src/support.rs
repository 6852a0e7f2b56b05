//! Support accesses as the API takes and shows them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks to enter a customer's tenant.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSupport {
    /// Why, in words for the customer: 5 to 500 characters.
    #[serde(default)]
    #[schema(required = true)]
    pub reason: Option<String>,
    /// For how many minutes from the first entry on; `support.longest_minutes` at most.
    #[serde(default)]
    #[schema(required = true, minimum = 1)]
    pub minutes: Option<i64>,
    /// Enters without asking the customer, who sees that. For an owner of the staff, where the organization did not
    /// forbid support access.
    #[serde(default)]
    pub break_glass: bool,
}

/// Approves or refuses a support access.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideSupport {
    /// Words to it, 5 to 500 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// Says what an organization wants of support accesses.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WishSupport {
    /// `open` (nobody is asked, but told), `approval` (an owner or admin decides about each) or `never`.
    #[serde(default)]
    #[schema(required = true)]
    pub support_access: Option<String>,
}

/// A support access, as the staff and the customer see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SupportAccess {
    /// Identifier, `sup_…`.
    pub id: String,
    /// The tenant's subdomain.
    pub tenant: String,
    /// `requested`, `approved`, `refused`, `open`, `ended`, `expired` or `revoked`.
    pub state: String,
    /// Who asked, `per_…` or `key_…`. Nobody else can enter with it.
    pub requested_by: String,
    /// Their name at that time.
    pub requester_name: String,
    /// Why.
    pub reason: String,
    /// How long it lasts from the first entry on.
    pub minutes: i32,
    /// Whether the customer was not asked.
    pub break_glass: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when it waits for a decision and, approved, for the first entry.
    pub lapses_at: Timestamp,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Who decided; `system` where the organization asks for no decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// What they said to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When somebody first entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// When its time is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// How many links to enter were given.
    pub entries: i32,
    /// When it ended, in whichever way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_at: Option<Timestamp>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_by: Option<String>,
    /// When the tenant's node confirmed that nobody is inside with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

/// Support accesses, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SupportList {
    /// The accesses.
    pub items: Vec<SupportAccess>,
}
