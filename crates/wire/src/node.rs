//! The protocol between server and node. The node dials out; every message is answered over HTTP.

use crate::operation::{Failure, OperationStep};
use crate::plaintext::Plaintext;
use domain::{
    BackupId, Capacity, CommandId, CompanyName, CountryCode, DatabaseName, EmailAddress, HostLabel, Language,
    NodeId, NodeName, TemplateName, TenantId, TimeZoneName,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub use crate::evidence::{Evidence, TenantCheck};

/// `POST /node/v1/enrol`: a node presents its one-time token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// The one-time token.
    pub token: Plaintext,
    /// The name that the node believes to have, for the record: the token's name is the one that it gets.
    pub name: NodeName,
    /// The agent's version.
    pub version: String,
    /// The domain that it serves.
    pub domain: domain::DomainName,
    /// The base of its tenants' addresses: scheme, `*` for the label, port if unusual.
    pub address_pattern: String,
}

/// The answer to [`Enrol`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enrolled {
    /// Who the node is from now on.
    pub node: NodeId,
    /// Its own credential, sent as `Authorization: Bearer`.
    pub credential: Plaintext,
    /// The server's public key in hexadecimal digits; nothing from a server that has none.
    #[serde(default)]
    pub server_key: Option<String>,
}

/// The query of `GET /node/v1/commands`, a long poll.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// Commands that the node works on or has not reported yet, separated by commas. Every other
    /// command that was ever delivered and has no outcome is delivered again.
    #[serde(default)]
    pub holding: String,
    /// How many more commands the node can take now.
    pub slots: u32,
    /// How long to wait for a command, in seconds; at most 30.
    pub wait: u32,
    /// The agent's version.
    pub version: String,
}

/// The answer to [`Poll`]: empty when nothing came in time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Commands {
    /// What to do, oldest first.
    pub commands: Vec<Command>,
}

/// One order to a node. Applied at most once: the node keeps a journal by `id`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Its identity.
    pub id: CommandId,
    /// The generation of the tenant that this order belongs to; orders of an older one are refused.
    pub generation: i64,
    /// What to do.
    pub order: Order,
}

/// What a node can be told to do. Every name in it has passed its type's check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Order {
    /// Make a tenant from a template.
    CreateTenant(CreateTenant),
    /// Set the administrator's password.
    SetPassword(SetPassword),
    /// Set the administrator's e-mail address.
    SetEmail(SetEmail),
    /// Look whether a tenant is whole, and mend it where that is possible.
    CheckTenant(CheckTenant),
    /// Move a tenant to another name.
    RenameTenant(RenameTenant),
    /// Shut a tenant out at the edge and at the database.
    SuspendTenant(SuspendTenant),
    /// Let it in again.
    ResumeTenant(ResumeTenant),
    /// Turn a tenant into a tombstone.
    DeleteTenant(DeleteTenant),
    /// Turn a tombstone into a tenant again.
    UndeleteTenant(UndeleteTenant),
    /// Drop a tombstone, whose last backup is kept or that is dumped with its filestore before.
    PurgeTenant(PurgeTenant),
    /// Build a template.
    BuildTemplate(BuildTemplate),
    /// Take a database over that is there already.
    AdoptTenant(AdoptTenant),
    /// Drop a template and its ready clones.
    RetireTemplate(RetireTemplate),
    /// Let somebody in once, by a link.
    EnterTenant(crate::entry::EnterTenant),
    /// End a support access and every session of it.
    EndEntries(crate::entry::EndEntries),
    /// Send a tenant to another node.
    SendTenant(crate::transfer::SendTenant),
    /// Take a tenant from another node.
    ReceiveTenant(crate::transfer::ReceiveTenant),
    /// Close a tenant that is being moved.
    ShelveTenant(crate::transfer::ShelveTenant),
    /// Drop a copy that nobody is served from.
    DiscardCopy(crate::transfer::DiscardCopy),
    /// Take a backup.
    BackUpTenant(crate::backup::BackUpTenant),
    /// Look whether a backup is whole.
    VerifyBackup(crate::backup::VerifyBackup),
    /// Bring a tenant back from a backup.
    RestoreTenant(crate::backup::RestoreTenant),
    /// Forget backups.
    PruneBackups(crate::backup::PruneBackups),
    /// Look after the tables of a database.
    MaintainDatabase(crate::database::MaintainDatabase),
    /// End one connection.
    EndConnection(crate::database::EndConnection),
    /// Send what a backup holds to somebody who waits for it.
    SendBackup(crate::export::SendBackup),
    /// Make a tenant of a file that somebody uploaded.
    ImportTenant(crate::import::ImportTenant),
    /// Bring a tenant back to a moment.
    RewindTenant(crate::point_in_time::RewindTenant),
}

/// Make a tenant from a template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreateTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// The database to make.
    pub database: DatabaseName,
    /// The label under which the edge will serve it.
    pub host_label: HostLabel,
    /// The template to clone.
    pub template: TemplateName,
    /// The address for `web.base.url`.
    pub base_url: String,
    /// The company's name.
    pub company_name: CompanyName,
    /// The administrator's login.
    pub admin_login: String,
    /// The administrator's e-mail address.
    pub admin_email: Option<String>,
    /// The administrator's password; without it nobody can log in until one is set.
    pub admin_password: Option<Plaintext>,
    /// The administrator's language.
    pub language: Language,
    /// The company's country.
    pub country: Option<CountryCode>,
    /// The administrator's time zone.
    pub timezone: Option<TimeZoneName>,
}

/// Set the administrator's password.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetPassword {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// The new password. It is never missing on the wire; stored orders are without it.
    pub password: Option<Plaintext>,
    /// Whether the administrator's other sessions end at once.
    pub sessions: Sessions,
}

/// What happens to open sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sessions {
    /// Left to Odoo, which ends them when it next reads the user afresh.
    Leave,
    /// Ended at once.
    End,
}

/// Set the administrator's e-mail address, and the login where that was the address before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetEmail {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// The new address.
    pub email: EmailAddress,
}

/// Look whether a tenant is whole: its database, its files, its marker at the edge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// Whether what is missing is brought back where that is possible.
    pub repair: bool,
}

/// Move a tenant to another name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RenameTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database now.
    pub from: DatabaseName,
    /// Its database afterwards.
    pub to: DatabaseName,
    /// Its address afterwards.
    pub base_url: String,
}

/// Shut a tenant out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SuspendTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// The reason, for `tenant.suspend_reason`.
    pub reason: String,
    /// How it is closed; never [`Service::Open`]. Older servers did not say, and meant all of it.
    #[serde(default)]
    pub service: Service,
    /// What the edge's page tells of the reason; nothing tells that it is closed, and no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// A kind of reason that visitors of a closed tenant are told. Never the staff's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Something has to be paid.
    Unpaid,
    /// More is used than was agreed.
    Quota,
    /// Its time has ended.
    Expired,
}

impl Cause {
    /// All.
    pub const ALL: [Self; 3] = [Self::Unpaid, Self::Quota, Self::Expired];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Quota => "quota",
            Self::Expired => "expired",
        }
    }
}

/// Let a tenant in again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResumeTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
}

/// Turn a tenant into a tombstone named after its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
}

/// Turn a tombstone into a tenant again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndeleteTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// The database to bring back.
    pub database: DatabaseName,
    /// Whether visitors are let in.
    pub service: Service,
}

/// How a tenant is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// To everybody.
    Open,
    /// To nobody, by the operator's will.
    #[default]
    Suspended,
    /// To nobody, by the customer's will.
    Paused,
    /// The public website alone; logging in and the back office are closed.
    Restricted,
}

/// Dump a tombstone with its filestore and drop it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PurgeTenant {
    /// The tenant.
    pub tenant: TenantId,
    /// The name that it had, for the dump's name.
    pub database: DatabaseName,
    /// Its last backup: with that, no dump is kept.
    #[serde(default)]
    pub last_backup: Option<BackupId>,
}

/// Build a template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BuildTemplate {
    /// Its name and its database's.
    pub name: TemplateName,
    /// Odoo modules to install; those of a copy are what they are.
    pub modules: Vec<String>,
    /// Languages to load, as Odoo names them.
    pub languages: Vec<String>,
    /// What it is made from.
    #[serde(default)]
    pub source: TemplateSource,
}

/// Take a database over that is there already. Nothing in it changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdoptTenant {
    /// The tenant that it becomes.
    pub tenant: TenantId,
    /// The database.
    pub database: DatabaseName,
}

/// Drop a template and its ready clones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RetireTemplate {
    /// Its name.
    pub name: TemplateName,
}

/// What a template is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateSource {
    /// From nothing, by Odoo.
    #[default]
    Nothing,
    /// A copy of the template itself, to be warmed anew.
    Itself,
    /// A copy of a tenant or of an unmanaged database, without its people.
    Database(DatabaseName),
}

/// `POST /node/v1/observed`: what the node sees of itself, now and then and when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// Its pools of ready clones.
    #[serde(default)]
    pub pools: Vec<PoolState>,
    /// Databases of its cluster that it does not manage.
    #[serde(default)]
    pub unmanaged: Vec<Unmanaged>,
    /// Databases of tenants that it manages; nothing where an older agent does not tell.
    #[serde(default)]
    pub managed: Option<Vec<ManagedSeen>>,
    /// SHA-256 of the configuration that its edge has loaded; nothing where the edge does not tell.
    #[serde(default)]
    pub edge_digest: Option<String>,
    /// What it has, and has left.
    #[serde(default)]
    pub capacity: Option<Capacity>,
    /// Bytes of tenants' databases, of those that were measured lately.
    #[serde(default)]
    pub sizes: BTreeMap<TenantId, u64>,
    /// Bytes of tenants' files, of those that were measured lately; an older agent measures none.
    #[serde(default)]
    pub file_sizes: BTreeMap<TenantId, u64>,
    /// How far back its cluster can be brought; nothing where it keeps no archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_in_time: Option<crate::point_in_time::PointInTimeView>,
}

/// A tenant's database that a node manages, as the node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedSeen {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name.
    pub database: String,
    /// Whether PostgreSQL has it, and not only the node's journal.
    pub exists: bool,
    /// How it stands: `open`, `suspended`, `tombstone`, ...
    pub standing: String,
    /// The edge's marker: the name of its folder, `none` or `several`.
    pub marker: String,
    /// The newest generation that an order for it carried.
    pub generation: i64,
}

/// The answer to [`Observed`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ObservedAnswer {
    /// Whether the node should bring another credential now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rotate: bool,
    /// How many clones of which template to keep ready; a template that is not named is left to demand.
    #[serde(default)]
    pub pools: Vec<PoolSize>,
    /// How pools are kept where their size is left to demand.
    #[serde(default)]
    pub rules: PoolRules,
}

/// How many clones demand may ask for, and how quickly they are made. What is not said is as the node was told at its
/// start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolRules {
    /// Always so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<u32>,
    /// Never more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// The pause between two clones, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_ms: Option<u32>,
}

/// How many clones of a template to keep ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSize {
    /// The template.
    pub template: TemplateName,
    /// How many.
    pub size: u32,
}

/// A database on a node's cluster that is nobody's tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unmanaged {
    /// Its name.
    pub database: String,
    /// Its owner's role.
    pub owner: String,
    /// Its size in bytes.
    pub size_bytes: i64,
    /// Odoo's version, where it is one of Odoo's and can be read.
    #[serde(default)]
    pub odoo_version: Option<String>,
    /// Active internal users, where it can be read.
    #[serde(default)]
    pub users: Option<i64>,
    /// When somebody last logged in, where it can be read.
    #[serde(default)]
    pub last_login_at: Option<Timestamp>,
    /// Why it cannot be adopted as it is; nothing when it can.
    #[serde(default)]
    pub obstacle: Option<String>,
}

/// How a pool of ready clones stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolState {
    /// Of which template.
    #[schema(value_type = String)]
    pub template: TemplateName,
    /// How many are to be ready.
    pub wanted: u64,
    /// How many are.
    pub ready: u64,
    /// Tenants that took one, since the node was made.
    pub hits: u64,
    /// Tenants that had to wait for one to be made.
    pub misses: u64,
    /// Clones thrown away: their check failed, or their template was replaced.
    pub discarded: u64,
    /// What is wrong with the template, and what to do; it is not cloned meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

/// `POST /node/v1/commands/{id}/progress`: the steps so far, all of them, in order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The steps.
    pub steps: Vec<OperationStep>,
}

/// `POST /node/v1/commands/{id}/outcome`: how a command ended. Repeated until it is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// All steps.
    pub steps: Vec<OperationStep>,
    /// The result.
    pub result: CommandResult,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "few outcomes are held at a time, and nearly all of them are done"
)]
pub enum CommandResult {
    /// Done and checked.
    Done(Facts),
    /// Not done; everything was undone.
    Failed(Failure),
}

/// What the node learned while it did a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Size of the database in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
    /// Odoo's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odoo_version: Option<String>,
    /// Languages that are installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Where the last dump was kept, or in which backup what was dropped is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_at: Option<String>,
    /// How a closed tenant looks from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What a check found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<TenantCheck>,
    /// Whether a creation took a ready clone from the pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_pool: Option<bool>,
    /// What is in a template: modules with versions, languages, files, as SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether a template's pages and bundles are compiled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmed: Option<bool>,
    /// What was taken out of an adopted template, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stripped: Vec<String>,
    /// What was sent to another node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Box<crate::transfer::Passed>>,
    /// What was taken from another node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Box<crate::transfer::Passed>>,
    /// What a backup is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Box<crate::backup::Kept>>,
    /// What looking at a backup found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Box<crate::backup::Proven>>,
    /// What was restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Box<crate::backup::Restored>>,
    /// What was forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pruned: Option<Box<crate::backup::Pruned>>,
    /// What looking after a database did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintained: Option<Box<crate::database::Maintained>>,
}
