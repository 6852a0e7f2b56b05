//! The provisioning API of the system that Tenantry replaces, field by field, and the node's local API.

use crate::plaintext::Plaintext;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /api/provisioning/tenant`, and `POST /api/tenant` on a node.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionTenant {
    /// The tenant's name.
    #[serde(default)]
    #[schema(required = true)]
    pub subdomain: Option<String>,
    /// The administrator's password. There is no default: without it the answer holds a one-time link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_password: Option<Plaintext>,
    /// Must be the domain that the node serves, when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// A node's name; `primary` and absence leave the choice to the control plane.
    #[serde(alias = "node", default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// A registered template; `template_tenant` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_db: Option<String>,
    /// The administrator's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The company's name; the subdomain when absent.
    #[serde(alias = "tenant_name", default, skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// The administrator's e-mail address and login; `admin` when absent.
    #[serde(alias = "email", default, skip_serializing_if = "Option::is_none")]
    pub admin_email: Option<String>,
    /// A plan's name; the installation's default plan when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

/// The answer to [`ProvisionTenant`].
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProvisionedTenant {
    /// True only when it is done and checked.
    pub success: bool,
    /// The tenant's name.
    pub subdomain: String,
    /// Its address.
    pub url: String,
    /// What happened, in the caller's language.
    pub message: String,
    /// Its database.
    pub database: String,
    /// Whether a DNS record was made for it alone; false where a wildcard record serves it.
    pub dns_created: bool,
    /// The node that it lives on.
    pub server: String,
    /// Where the operation can be followed.
    pub operation: String,
    /// One-time link to set the administrator's password, when none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_password_link: Option<String>,
}

/// `DELETE /api/provisioning/tenant`, and `DELETE /api/tenant` on a node.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeprovisionTenant {
    /// The tenant's name.
    #[serde(default)]
    #[schema(required = true)]
    pub subdomain: Option<String>,
    /// Taken for compatibility; DNS records follow the tenant by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_dns: Option<bool>,
    /// The domain; must be the tenant's own when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The node; must be the tenant's own when given.
    #[serde(alias = "node", default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// The answer to [`DeprovisionTenant`].
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeprovisionedTenant {
    /// True only when it is done and checked.
    pub success: bool,
    /// What happened, in the caller's language.
    pub message: String,
    /// Whether the database is out of service; it is kept as a tombstone until `purge_after`.
    pub database_deleted: bool,
    /// Whether a DNS record of its own was removed.
    pub dns_deleted: bool,
    /// Where the operation can be followed.
    pub operation: String,
}

/// `PUT /api/provisioning/tenant/password`, and `PUT /api/tenant/password` on a node.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionPassword {
    /// The tenant's name.
    #[serde(default)]
    #[schema(required = true)]
    pub subdomain: Option<String>,
    /// The new password.
    #[serde(default)]
    #[schema(required = true)]
    pub new_password: Option<Plaintext>,
    /// The node; must be the tenant's own when given.
    #[serde(alias = "node", default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// The answer to [`ProvisionPassword`].
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct PasswordChanged {
    /// True only when it is done and checked.
    pub success: bool,
    /// The tenant's name.
    pub subdomain: String,
    /// What happened, in the caller's language.
    pub message: String,
    /// Where the operation can be followed.
    pub operation: String,
}

/// `PUT /api/provisioning/tenant/suspend`, and `PUT /api/tenant/suspend` on a node.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionSuspension {
    /// The tenant's name.
    #[serde(default)]
    #[schema(required = true)]
    pub subdomain: Option<String>,
    /// `true` suspends (the default), `false` lets it go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
    /// Free text for the record; the reason is `unpaid`, as this interface always meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The node; must be the tenant's own when given.
    #[serde(alias = "node", default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// The answer to [`ProvisionSuspension`].
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SuspensionChanged {
    /// True only when it is done and checked.
    pub success: bool,
    /// The tenant's name.
    pub subdomain: String,
    /// Whether it is suspended now.
    pub suspended: bool,
    /// `suspended`, `active`, or `paused` where the customer had paused it.
    pub status: String,
    /// The text that was given.
    pub reason: Option<String>,
    /// What happened, in the caller's language.
    pub message: String,
    /// Where the operation can be followed.
    pub operation: String,
}

/// One tenant in `GET /api/provisioning/tenants`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProvisionedDatabase {
    /// Its database.
    pub database: String,
    /// Its address.
    pub url: String,
    /// Its name.
    pub subdomain: String,
    /// Its node.
    pub server: String,
}

/// `GET /api/provisioning/tenants`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProvisionedDatabases {
    /// Every tenant that the control plane knows and that was not deleted.
    pub tenants: Vec<ProvisionedDatabase>,
    /// How many there are.
    pub total: usize,
    /// The node asked for, or `all`.
    pub server: String,
}

/// One node in `GET /api/provisioning/servers`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProvisioningServer {
    /// Identifier, `nod_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The address from which it last greeted the server; nothing until it has.
    pub ip: Option<String>,
    /// The domain that it serves.
    pub domain: String,
}

/// `GET /api/provisioning/servers`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProvisioningServers {
    /// The nodes.
    pub servers: Vec<ProvisioningServer>,
}

/// `GET /api/provisioning/domains`, and `GET /api/domains` on a node.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProvisioningDomains {
    /// The domains under which tenants are served.
    pub domains: Vec<String>,
    /// The one that a new tenant gets.
    pub default: String,
}

/// `PUT /api/provisioning/tenant/email`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionEmail {
    /// The tenant's name.
    #[serde(default)]
    #[schema(required = true)]
    pub subdomain: Option<String>,
    /// The administrator's new e-mail address.
    #[serde(default)]
    #[schema(required = true)]
    pub new_email: Option<String>,
    /// The node; must be the tenant's own when given.
    #[serde(alias = "node", default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// The answer to [`ProvisionEmail`].
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct EmailChanged {
    /// True only when it is done and checked.
    pub success: bool,
    /// The tenant's name.
    pub subdomain: String,
    /// The address as it is kept.
    pub new_email: String,
    /// What happened, in the caller's language.
    pub message: String,
    /// Where the operation can be followed.
    pub operation: String,
}

/// `POST /api/provisioning/dns`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionDns {
    /// The tenant's name.
    #[serde(default)]
    #[schema(required = true)]
    pub subdomain: Option<String>,
    /// Must be the domain of the tenant's node, when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// A tunnel of a DNS provider; this installation has none, so that every one is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tunnel_id: Option<String>,
}

/// The answer to [`ProvisionDns`].
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DnsChecked {
    /// True only when the name was looked up and has an address.
    pub success: bool,
    /// What was found, in the caller's language.
    pub message: String,
    /// The tenant's address.
    pub url: String,
}

/// `POST /api/provisioning/tenants/maintenance`: look after the files of one tenant or of all.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionMaintenance {
    /// Only this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Bring back what is missing where that is possible; `false` only looks.
    #[serde(default)]
    pub repair: bool,
    /// Fewer files than this are worth a person's look; 400 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_files: Option<u64>,
}

/// The answer to [`ProvisionMaintenance`] and to `POST /api/provisioning/repair-deployments`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct MaintenanceReport {
    /// True only when every tenant was checked and nothing is missing.
    pub success: bool,
    /// What happened, in the caller's language.
    pub message: String,
    /// How many tenants were checked to the end.
    pub checked: usize,
    /// How many files were brought back.
    pub repaired_files: u64,
    /// Each tenant.
    pub results: Vec<DeploymentStatus>,
    /// Where the operation can be followed, when tenants were checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// `GET /api/provisioning/deployment-status`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeploymentStatuses {
    /// Every tenant that was not deleted.
    pub deployments: Vec<DeploymentStatus>,
    /// How many there are.
    pub total: usize,
}

/// One tenant and what the last look at its files found.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeploymentStatus {
    /// Its name.
    pub subdomain: String,
    /// Its database.
    pub database: String,
    /// Its node.
    pub server: String,
    /// Its address.
    pub url: String,
    /// The tenant's state.
    pub state: String,
    /// `healthy`, `few-files`, `broken`, `unchecked`, or `failed` when the check itself failed.
    pub status: String,
    /// When it was last checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<jiff::Timestamp>,
    /// Files that the database names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// Of these, missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_files: Option<u64>,
    /// Files that the last check brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired_files: Option<u64>,
    /// What is wrong, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
