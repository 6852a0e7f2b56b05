//! Tenants as the API takes and shows them.

use crate::plaintext::Plaintext;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Asks for a new tenant.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTenant {
    /// The company's name, 1 to 120 characters.
    #[schema(required = true, example = "Acme S.R.L.")]
    #[serde(alias = "tenant_name", default)]
    pub company_name: Option<String>,
    /// The administrator's e-mail address, which is the login too.
    #[schema(required = true, example = "ana@example.com")]
    #[serde(alias = "email", default)]
    pub admin_email: Option<String>,
    /// 3 to 40 of `a-z 0-9 - _`, letters or digits at both ends, not reserved.
    #[schema(required = true, example = "acme")]
    #[serde(default)]
    pub subdomain: Option<String>,
    /// A plan's name.
    #[schema(required = true, example = "basic")]
    #[serde(default)]
    pub plan: Option<String>,
    /// A product's name; `odoo` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The node to place it on; by default the one with the least load that has the template and room.
    #[serde(alias = "server", default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Only on a node that serves this domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Only on a node that is known by all of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_labels: Option<Vec<String>>,
    /// The template to clone; `template_tenant` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The administrator's password. Without it the answer holds a one-time link to set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_password: Option<Plaintext>,
    /// `es`, `en` or one of them with a country (`es_DO`); `es` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Two-letter country code of the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// IANA time zone of the administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// When its time ends: a day (`2026-12-31`, and it ends with it, UTC), a time (`2026-12-31T18:00:00Z`), or `never`, as without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-12-31")]
    pub expires_at: Option<String>,
}

/// Changes a tenant. At least one field; a new `subdomain` renames it, as an operation.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTenant {
    /// The company's name in the control plane; the company inside Odoo belongs to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Another plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Another subdomain: database, filestore and address move to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdomain: Option<String>,
    /// When its time ends: a day (`2026-12-31`, and it ends with it, UTC), a time (`2026-12-31T18:00:00Z`), or `never`. A tenant that was
    /// suspended for its end goes on when the new one is to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-12-31")]
    pub expires_at: Option<String>,
}

/// Sets the administrator's password.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPassword {
    /// The new password.
    #[serde(default)]
    #[schema(required = true)]
    pub new_password: Option<Plaintext>,
    /// Also end the administrator's other sessions at once; `false` by default.
    #[serde(default)]
    pub end_sessions: bool,
}

/// Suspends a tenant.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendTenant {
    /// `unpaid`, `manual`, `abuse` or `quota`; `manual` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A sentence for the record, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// `full` closes everything (the default), `back-office` leaves the public website open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
}

/// One change for many tenants: those for which every condition given holds, each with an operation of its own.
/// At least one condition must be given; deleted tenants are never among them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkChange {
    /// `suspend`, `resume` or `check`.
    #[serde(default)]
    #[schema(required = true)]
    pub action: Option<String>,
    /// Every tenant, said on purpose.
    #[serde(default)]
    pub all: bool,
    /// These tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdomains: Option<Vec<String>>,
    /// Only in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only those suspended for this reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_for: Option<String>,
    /// Only on this plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Only on this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Only with this text in subdomain, company name or e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// As for one tenant: `unpaid`, `manual`, `abuse` or `quota`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// As for one tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// As for one tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Only for `check`: bring back what is missing.
    #[serde(default)]
    pub repair: bool,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// How a bulk change stands: for each tenant what was, is being or would be done.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct BulkOutcome {
    /// The operation on all of them; none for a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Whether nothing is under way any more.
    pub finished: bool,
    /// Whether this only says what would be done.
    pub dry_run: bool,
    /// How many tenants the filter found.
    pub found: usize,
    /// Each of them, by name.
    pub tenants: Vec<BulkTenant>,
}

/// One tenant in a bulk change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct BulkTenant {
    /// The tenant.
    pub subdomain: String,
    /// `would-change`, `queued`, `running`, `succeeded`, `failed`, or `refused` when it was not begun.
    pub outcome: String,
    /// The tenant's own operation, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Why it was refused or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Lets a suspended tenant go on.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResumeTenant {
    /// Only this reason falls, and the others stand; without it, all fall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Repeats the subdomain of what will be destroyed.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Confirmation {
    /// The tenant's subdomain, again.
    #[serde(default)]
    #[schema(required = true)]
    #[param(required = true)]
    pub confirm: Option<String>,
}

/// One reason for which a tenant is suspended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Suspension {
    /// `unpaid`, `manual`, `abuse`, `quota` or `expired`.
    pub reason: String,
    /// `full`, or `back-office`: the public website stays open.
    pub form: String,
    /// The operator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it began.
    pub since: Timestamp,
    /// Who asked: an API key's identifier, or `system`.
    pub by: String,
    /// The operation that holds the evidence, `ope_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// A tenant.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Tenant {
    /// Identifier, `ten_…`.
    pub id: String,
    /// The name that the customer chose.
    pub subdomain: String,
    /// The company's name.
    pub company_name: String,
    /// The administrator's e-mail address as registered.
    pub admin_email: String,
    /// The plan's name.
    pub plan: String,
    /// The product's name.
    pub product: String,
    /// `provisioning`, `active`, `paused`, `suspended`, `cancelled`, `deleted` or `failed`.
    pub state: String,
    /// Why it is suspended, when it is.
    pub suspension_reasons: Vec<String>,
    /// Each of these reasons with its form, its words, since when and by whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspensions: Vec<Suspension>,
    /// Since when the customer has closed it; a suspension stands above a pause and leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<Timestamp>,
    /// The node that it lives on.
    pub node: String,
    /// The organization that it belongs to, if it was given to one.
    #[serde(default)]
    pub organization: Option<String>,
    /// The template that it was cloned from.
    pub template: String,
    /// Its database on the node.
    pub database: String,
    /// Its address.
    pub url: String,
    /// The administrator's language.
    pub language: String,
    /// The company's country.
    pub country: Option<String>,
    /// The administrator's time zone.
    pub timezone: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When its time ends; nothing is never.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When its tombstone is dumped and dropped.
    pub purge_after: Option<Timestamp>,
    /// The operator's switch: `active`, `paused` (nothing by itself) or `stopped` (its commands wait).
    #[serde(default)]
    pub switch: String,
    /// The operation under way, if any.
    pub operation: Option<String>,
}

/// The answer to a change: the tenant as it is now, and the operation that did it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TenantChange {
    /// The tenant.
    #[serde(flatten)]
    pub tenant: Tenant,
    /// The operation of this request (`ope_…`), when it needed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
    /// One-time link to set the administrator's password, when none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_password_link: Option<String>,
}

/// A page of tenants.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TenantPage {
    /// The tenants of this page.
    pub items: Vec<Tenant>,
    /// How many match the filter in all; at least so many when `total_is_exact` is false. Counting ends at 1,000, and at 200 for a
    /// search of less than three letters.
    pub total: i64,
    /// Whether no more match than `total`.
    #[serde(default = "yes")]
    pub total_is_exact: bool,
    /// Give this as `cursor` for the next page; absent on the last.
    pub next_cursor: Option<String>,
}

/// An older server counts all.
fn yes() -> bool {
    true
}

/// Which tenants, in which order, from where.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TenantQuery {
    /// Only this state; without it every state but `deleted`. `all` shows those too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only this plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Only this product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Only on this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Only of this organization (`org_…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Only those whose time ends within so many days from now: `30d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
    /// Part of the subdomain, the company's name or the e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// `created_at`, `subdomain` or `company_name`; with `-` before it, descending. `-created_at` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// 1 to 200; 50 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
