//! What the success of an operation changes in the control database: decided when it is asked for,
//! written down with it, applied with its outcome.

use crate::tenant::expiry::Expiry;
use domain::{
    CompanyName, EmailAddress, OperationId, PlanName, Subdomain, SupportId, SuspensionForm, SuspensionReason,
    TenantState, Upkeep,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::node::TemplateSource;

/// A reason for a suspension, as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Added {
    /// Why.
    pub reason: SuspensionReason,
    /// How much of the tenant is closed.
    pub form: SuspensionForm,
    /// The operator's words.
    pub note: Option<String>,
    /// The end of its time for which it is, if it is for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}

/// What success changes, beside the operation itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "then", rename_all = "kebab-case")]
pub(crate) enum Intent {
    /// The tenant was made and gets this state.
    Serve {
        /// The state.
        state: TenantState,
        /// Whether a link to set the first password goes with it.
        link: bool,
    },
    /// The tenant gets this state.
    State {
        /// The state.
        state: TenantState,
    },
    /// The administrator has the password that came by a one-time link; if not, the link works again.
    FirstPassword {
        /// The tenant's state, which stays.
        state: TenantState,
    },
    /// The tenant gets this name.
    Rename {
        /// The new name.
        to: Subdomain,
        /// The state, which stays.
        state: TenantState,
        /// The company's new name, if it gets one with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        company_name: Option<CompanyName>,
        /// The new plan, if it gets one with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<PlanName>,
        /// When its time ends from then on, if that changes with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expiry: Option<Expiry>,
    },
    /// The tenant is suspended or not, paused or not.
    Closure {
        /// The state.
        state: TenantState,
        /// The reasons that stand afterwards; empty when it is not suspended.
        reasons: Vec<SuspensionReason>,
        /// The one of them that is new, or said anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        added: Option<Added>,
        /// Whether the customer's own pause stands afterwards.
        paused: bool,
    },
    /// The administrator has this address.
    Email {
        /// The state, which stays.
        state: TenantState,
        /// The address.
        email: EmailAddress,
    },
    /// Somebody is let in once, by the link of this entry.
    Enter {
        /// The tenant's state, which stays.
        state: TenantState,
        /// The entry, from which its link follows.
        entry: Uuid,
        /// The support access that it belongs to, if it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        access: Option<SupportId>,
    },
    /// Nobody is inside with this support access.
    SupportClosed {
        /// The tenant's state, which stays.
        state: TenantState,
        /// The access.
        access: SupportId,
    },
    /// A saga does it, and its steps change what is to change.
    Saga,
    /// The copy that this move left is gone.
    CopyDropped {
        /// The move.
        relocation: OperationId,
    },
    /// Nothing changes here: tables were looked after.
    Upkeep {
        /// What was done.
        work: Upkeep,
        /// The one table, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// Whether the tenant was in use, and it was done nevertheless.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        forced: bool,
    },
    /// Nothing changes here: a connection was ended.
    ConnectionEnded {
        /// The number of its process.
        pid: i32,
        /// When it was opened.
        started_at: Timestamp,
    },
    /// The operation is over when its parts are.
    Parts,
    /// The tenant is forgotten.
    Forget,
    /// The template can be cloned.
    Template {
        /// What it was made from.
        #[serde(default)]
        source: TemplateSource,
    },
    /// The template is gone.
    Retired,
}
