//! Emptying a node: the plan, what is asked for, how it stands.

use crate::operation::Failure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `GET /api/nodes/{name}/drain/plan`: on which terms the node would be emptied.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DrainTerms {
    /// Only to nodes that are known by all of these, separated by commas; beside what each tenant wants of its node.
    #[serde(default)]
    pub node_labels: Option<String>,
    /// Tenants that were made for this node by name go too.
    #[serde(default)]
    pub pinned: bool,
    /// Tenants may go to a node of another domain, where their address is another one.
    #[serde(default)]
    pub any_domain: bool,
    /// How many moves are under way at a time, 1 to 10; 2 by default.
    #[serde(default)]
    pub parallel: Option<i64>,
}

/// `POST /api/nodes/{name}/drain`: has a plan done that was shown, on the same terms.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartDrain {
    /// The plan's name, as it was shown.
    #[serde(default)]
    #[schema(required = true)]
    pub plan: Option<String>,
    /// Only to nodes that are known by all of these; beside what each tenant wants of its node.
    #[serde(default)]
    pub node_labels: Option<Vec<String>>,
    /// Tenants that were made for this node by name go too.
    #[serde(default)]
    pub pinned: bool,
    /// Tenants may go to a node of another domain, where their address is another one.
    #[serde(default)]
    pub any_domain: bool,
    /// How many moves are under way at a time, 1 to 10; 2 by default.
    #[serde(default)]
    pub parallel: Option<i64>,
    /// Why, for whoever looks at the node; 1 to 200 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What emptying a node would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DrainPlan {
    /// The plan's name, `plan_…`: another one as soon as a tenant, a place, the order or a reason is another.
    pub plan: String,
    /// The node.
    pub node: String,
    /// How many moves would be under way at a time.
    pub parallel: i64,
    /// The tenants that would go, in their order.
    pub moves: Vec<PlannedMove>,
    /// The tenants that would stay.
    pub stay: Vec<StayingTenant>,
    /// Deleted tenants on the node. They do not move; they are purged when their time is over, or when you say so.
    pub tombstones: i64,
    /// What would go, in bytes, roughly: the databases as they lie on the disk.
    pub bytes: u64,
    /// How long it would take, in seconds, going by the last moves; nothing where none was ever done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
}

/// A tenant that would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedMove {
    /// The tenant.
    pub subdomain: String,
    /// Where to.
    pub to: String,
    /// `active`, `paused` or `suspended`; only of an active one anybody feels the stop.
    pub state: String,
    /// What it takes of a disk, roughly.
    pub bytes: u64,
    /// Whether its address is another one there.
    pub changes_address: bool,
}

/// A tenant that would stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StayingTenant {
    /// The tenant.
    pub subdomain: String,
    /// `pinned`, `stopped`, `state`, `copy-kept` or `no-room`.
    pub reason: String,
    /// The whole of it in a sentence.
    pub words: String,
}

/// The newest drain of a node.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Drain {
    /// Its operation, `ope_…`; each move is an operation whose parent it is.
    pub operation: String,
    /// The node.
    pub node: String,
    /// The plan that is done.
    pub plan: String,
    /// `running`, `pausing` while moves under way end, `paused`, `cancelling`, `succeeded` or `failed`.
    pub state: String,
    /// How many moves are under way at a time at most.
    pub parallel: i64,
    /// The node's mode before, to which it goes back when the drain is cancelled.
    pub mode_before: String,
    /// When it was asked for.
    pub began_at: Timestamp,
    /// Since when it begins no moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<Timestamp>,
    /// Who paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_by: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The tenants, in their order; those that stay come last.
    pub tenants: Vec<DrainTenant>,
}

/// A tenant of a drain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrainTenant {
    /// The tenant, by the name that it had then.
    pub subdomain: String,
    /// Where the plan has it go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `waiting`, `moving`, `moved`, `failed` (it is where it was, and open), `stays`, or `gone`: not on the node any more.
    pub state: String,
    /// What it takes of a disk, roughly.
    pub bytes: u64,
    /// The operation that moves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Why its move has not begun although its turn came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<String>,
    /// Why it did not go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// For how many milliseconds it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_ms: Option<i64>,
}

/// That the copies which moves left on a node are to be dropped.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmMoves {
    /// The node's name, again.
    #[serde(default)]
    #[schema(required = true)]
    pub confirm: Option<String>,
}

/// Which copies are being dropped.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfirmedMoves {
    /// The operation of each copy, `ope_…`.
    pub operations: Vec<String>,
}
