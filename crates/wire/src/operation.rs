//! Operations as the API shows them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A durable piece of work: what was asked, how far it is, how it ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    /// Identifier, `ope_…`.
    pub id: String,
    /// What it does: `tenant.create`, `tenant.delete`, `template.build`, ...
    pub kind: String,
    /// `queued`, `running`, `succeeded` or `failed`.
    pub state: String,
    /// The tenant's subdomain or the template's name.
    pub subject: String,
    /// The node that does the work; none for an operation on many tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the node took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Its steps so far, in order.
    pub steps: Vec<OperationStep>,
    /// Why it has not begun, when its node cannot take it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<String>,
    /// What happens next, when, and what went wrong before; nothing once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    /// Who asked for it, for the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// Why it failed, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What it found out: evidence, figures, places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub facts: Option<serde_json::Value>,
    /// The operation on many tenants that this one is a part of, `ope_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where to ask for it again.
    pub url: String,
}

/// What happens next to an operation that the control plane does itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Next {
    /// `queued`, `works`, `waits-for-node`, `tries-again`, `undoes`, `undoes-again`, `needs-person` or `unknown-version`.
    pub is: String,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How often the present step was tried.
    pub tries: i32,
    /// What went wrong at the last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// The same as a sentence.
    pub words: String,
}

/// Takes back an operation that no node has begun.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelOperation {
    /// Why, 1 to 200 characters.
    #[serde(default)]
    #[schema(required = true)]
    pub reason: Option<String>,
}

/// One step of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperationStep {
    /// The step's name: `clone`, `identity`, `check`, ...
    pub name: String,
    /// `running`, `done`, `failed` or `skipped`; of the control plane's own steps also `waiting`, `undoing` or `undone`.
    pub state: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub milliseconds: Option<u64>,
    /// What a person should know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// A stable word, such as `administrator-not-found`.
    pub code: String,
    /// What happened and what to do next.
    pub detail: String,
}
