//! API keys, nodes and templates as the API shows them.

use crate::handshake::KnownOrder;
use crate::node::{PoolState, Unmanaged};
use crate::plaintext::Plaintext;
use domain::Capacity;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks for a new API key.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What it is for, 1 to 60 characters, unique among the keys in force.
    #[serde(default)]
    #[schema(required = true)]
    pub name: Option<String>,
    /// What it may do: `owner`, `admin`, `operator`, `support` or `viewer`; with `organizations`, one of theirs (`owner`,
    /// `admin`, `member`, `viewer`). By default the caller's own, and never above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Of that, only looking; `false` by default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// The organizations (`org_…`) whose key it is; without them it is one of the staff's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizations: Option<Vec<String>>,
    /// Only these tenants, by subdomain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenants: Option<Vec<String>>,
    /// Days until it ends, 1 to 3650; without it, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<i64>,
}

/// An API key, without its secret.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ApiKey {
    /// Identifier, `key_…`.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The first characters of the key, to recognize it by.
    pub prefix: String,
    /// What it may do: a role of the staff, or one of organizations if there are any.
    pub role: String,
    /// Whether it may only look.
    pub read_only: bool,
    /// The organizations whose key it is; none for one of the staff's.
    pub organizations: Vec<String>,
    /// The only tenants that it reaches, by identifier; nothing is no such limit.
    pub tenants: Option<Vec<String>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Whether it ends within two weeks.
    pub expires_soon: bool,
    /// When another key took its place, until whose end it goes on.
    pub superseded_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Asks for a key to take the place of another one.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateApiKey {
    /// How many hours the old key goes on, 0 to 720; 24 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_hours: Option<i64>,
    /// Days until the new key ends, 1 to 3650; without it, after as long as the old one was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<i64>,
}

/// A new API key with its secret, which is shown this once.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NewApiKey {
    /// The key as it will be listed.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The key itself. It cannot be shown again.
    pub secret: Plaintext,
}

/// A server that runs products.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Node {
    /// Identifier, `nod_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `online` when it was heard of in the last minute, `lost` when not for the time of the setting
    /// `node.lost_minutes`, otherwise `away`.
    pub state: String,
    /// The domain that it serves.
    pub domain: String,
    /// The address from which it last greeted the server; behind a router it is the router's.
    #[serde(default)]
    pub address: Option<String>,
    /// The version of its agent.
    pub version: String,
    /// How many tenants live on it, tombstones not counted.
    pub tenants: i64,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was last heard of.
    pub last_seen_at: Option<Timestamp>,
    /// What the operator lets it do: `active`, `draining` (no new tenants), `paused` (nor what nobody asked for) or
    /// `stopped` (work for it waits).
    #[serde(default = "active")]
    pub mode: String,
    /// Why it is not active.
    #[serde(default)]
    pub mode_reason: Option<String>,
    /// Who set the mode.
    #[serde(default)]
    pub mode_by: Option<String>,
    /// When the mode was set.
    #[serde(default)]
    pub mode_at: Option<Timestamp>,
    /// The most tenants that it may have, tombstones among them; absent where only its room counts.
    #[serde(default)]
    pub max_tenants: Option<u32>,
    /// What it is known by when a tenant is placed.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// The mode of a node of an older server, which knew no other.
fn active() -> String {
    "active".to_owned()
}

/// Tells null from nothing.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Changes what the operator says of a node. What is absent stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateNode {
    /// `active`, `draining`, `paused` or `stopped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Why: 1 to 200 characters, wanted for every mode but `active`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The most tenants that it may have, 0 to 1,000,000; null leaves it to its room.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub max_tenants: Option<Option<i64>>,
    /// What it is known by, all of it: at most 20 of 1 to 30 of `a-z 0-9 -`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
}

/// A node, and what it last said of itself.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NodeDetail {
    /// The node.
    #[serde(flatten)]
    pub node: Node,
    /// When it said what follows; nothing when it has not yet.
    pub observed_at: Option<Timestamp>,
    /// Its pools of ready clones.
    pub pools: Vec<PoolState>,
    /// Databases of its cluster that are nobody's tenants.
    pub unmanaged: Vec<Unmanaged>,
    /// SHA-256 of the configuration that its edge has loaded.
    pub edge_digest: Option<String>,
    /// What it has, and has left.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub capacity: Option<Capacity>,
    /// Since when its credential is in force.
    #[serde(default)]
    pub credential_at: Option<Timestamp>,
    /// By how much its clock was ahead of the server's when it last greeted it, in milliseconds.
    #[serde(default)]
    pub clock_ahead_ms: Option<i64>,
    /// The version of its PostgreSQL.
    #[serde(default)]
    pub postgres: Option<String>,
    /// The orders that its agent says to know; none for an agent that does not say.
    #[serde(default)]
    pub orders: Vec<KnownOrder>,
    /// How far back its cluster can be brought; nothing where it keeps no archive of its log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_in_time: Option<crate::point_in_time::PointInTimeView>,
}

/// Asks for a database of a node to become a tenant. Nothing in it changes.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptTenant {
    /// The database, which is the tenant's subdomain too: 3 to 40 of `a-z 0-9 _`.
    #[serde(default)]
    #[schema(required = true)]
    pub database: Option<String>,
    /// The company's name in the control plane.
    #[serde(default)]
    #[schema(required = true)]
    pub company_name: Option<String>,
    /// The administrator's e-mail address in the control plane.
    #[serde(default)]
    #[schema(required = true)]
    pub admin_email: Option<String>,
    /// A plan's name.
    #[serde(default)]
    #[schema(required = true)]
    pub plan: Option<String>,
}

/// A token with which one node can enrol itself, once.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct EnrolmentToken {
    /// The token. It cannot be shown again.
    pub token: Plaintext,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A prepared database that tenants are cloned from.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Template {
    /// Identifier, `tpl_…`.
    pub id: String,
    /// Its name, which is its database's name.
    pub name: String,
    /// The node that holds it.
    pub node: String,
    /// The product that it is of.
    pub product: String,
    /// `building`, `ready`, `damaged`, `failed` or `retired`.
    pub state: String,
    /// What is wrong with one that is damaged, and what to do; it is not cloned meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// Odoo's version, when built.
    pub odoo_version: Option<String>,
    /// The modules asked for.
    pub modules: Vec<String>,
    /// The languages installed.
    pub languages: Vec<String>,
    /// Size of its database in bytes, when built.
    pub size_bytes: Option<i64>,
    /// When it was built.
    pub built_at: Option<Timestamp>,
    /// Grows with every build.
    pub version: i32,
    /// SHA-256 of what is in it: modules with versions, languages, files.
    pub digest: Option<String>,
    /// When its pages and bundles were compiled; nothing when clones have to do that.
    pub warmed_at: Option<Timestamp>,
    /// The database that it is a copy of, without its people.
    pub adopted_from: Option<String>,
    /// How many clones are kept ready; nothing leaves it to demand.
    pub pool_size: Option<i32>,
}

/// Which node's template of a name.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateOnNode {
    /// The node; needed when several have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
}

/// Retires a template.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetireTemplate {
    /// The node; needed when several have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The template's name, again.
    #[serde(default)]
    #[schema(required = true)]
    pub confirm: Option<String>,
}

/// Makes a template of a copy of a database.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptTemplate {
    /// The node; needed when there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The database: a tenant's or one that nobody manages. It stays as it is.
    #[serde(default)]
    #[schema(required = true)]
    pub database: Option<String>,
}

/// How many clones of a template are kept ready.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPool {
    /// The node; needed when several have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// 0 to 1000; without it, the node decides by demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i32>,
}

/// Asks a node to build a template.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildTemplate {
    /// Its name; `template_tenant` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The node; needed when there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Odoo modules; `web, website, mail, website_mail` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modules: Option<Vec<String>>,
    /// Languages; `es_ES, en_US` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<String>>,
}
