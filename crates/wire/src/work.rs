//! The control plane's own work as the API shows it: jobs, what is done regularly, drift, switches.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A piece of the control plane's own work.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Identifier, `job_…`.
    pub id: String,
    /// What it does.
    pub kind: String,
    /// Which version of it.
    pub version: i32,
    /// `queued`, `running`, `waiting`, `succeeded`, `failed`, `dead`, `cancelled` or `abandoned`.
    pub status: String,
    /// `forward`, or `back` while a saga undoes what it did.
    pub direction: String,
    /// How often it was begun since it last came forward.
    pub tries: i32,
    /// When it is begun next, while it is queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// What went wrong at the last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// The operation that it does, `ope_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The schedule that enqueued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Why it waits although it could begin, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<String>,
    /// Who caused it.
    pub requested_by: String,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it was first begun.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Which jobs.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JobQuery {
    /// Only in this status; `dead` are those that need a person.
    #[serde(default)]
    pub status: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    pub kind: Option<String>,
    /// 1 to 200; 50 by default.
    #[serde(default)]
    pub limit: Option<i64>,
}

/// A person's decision about work, with its reason.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Why, 1 to 200 characters.
    #[serde(default)]
    #[schema(required = true)]
    pub reason: Option<String>,
}

/// Something that is done regularly by itself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RegularWork {
    /// Its name.
    pub name: String,
    /// What it keeps true.
    pub keeps: String,
    /// When: a cron pattern, or `@every` with seconds.
    pub rhythm: String,
    /// The zone in which the pattern is read.
    pub time_zone: String,
    /// When it is done next.
    pub next_run_at: Timestamp,
    /// When its last run ended.
    pub last_run_at: Option<Timestamp>,
    /// What the last run that went well found.
    #[schema(value_type = Option<Object>)]
    pub last_result: Option<serde_json::Value>,
    /// Why a run went wrong, the last time that one did.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<Timestamp>,
    /// Since when none went well; nothing while they do.
    pub failing_since: Option<Timestamp>,
    /// How many runs have ended.
    pub runs: i64,
    /// How many of them went wrong.
    pub failures: i64,
}

/// What nodes see otherwise than the control plane believes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DriftReport {
    /// The nodes, and whether they could be compared.
    pub nodes: Vec<DriftNode>,
    /// What differs.
    pub differences: Vec<DriftItem>,
}

/// A node in a comparison.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DriftNode {
    /// Its name.
    pub name: String,
    /// When it last said what it sees.
    pub observed_at: Option<Timestamp>,
    /// Whether that is new enough, and complete enough, to be compared.
    pub compared: bool,
    /// Tenants that were compared; those with something under way are not.
    pub tenants: usize,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DriftItem {
    /// The tenant's name, or its identity where no name is known.
    pub subject: String,
    /// The node that sees it.
    pub node: String,
    /// `unknown-tenant`, `missing-database`, `wrong-name`, `wrong-standing`, `wrong-marker`, `generation-behind` or
    /// `unknown-database`.
    pub kind: String,
    /// As the control plane believes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub believed: Option<String>,
    /// As the node sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// `mend`, `person` or `stopped`.
    pub remedy: String,
    /// The whole of it in a sentence.
    pub words: String,
}

/// What would be done about it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DriftPlan {
    /// The plan's name, `plan_…`: another one as soon as anything in it is another.
    pub plan: String,
    /// What is mended, each tenant by an operation.
    pub mend: Vec<DriftItem>,
    /// What is left to a person.
    pub leave: Vec<DriftItem>,
}

/// Has a plan done.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyDrift {
    /// The plan's name, as it was shown.
    #[serde(default)]
    #[schema(required = true)]
    pub plan: Option<String>,
}

/// The operator's switch of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Switch {
    /// The tenant.
    pub subdomain: String,
    /// `active`, `paused` or `stopped`.
    pub switch: String,
    /// The operator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Sets the operator's switch of a tenant.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSwitch {
    /// `active`, `paused` (nothing by itself) or `stopped` (its commands wait).
    #[serde(default)]
    #[schema(required = true)]
    pub switch: Option<String>,
    /// Why, 1 to 200 characters; not wanted for `active`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
