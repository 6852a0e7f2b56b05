//! Looking into a tenant's database and looking after it: what a node is asked and answers, its orders, and the same in the API.

use crate::operation::Failure;
use domain::{CommandId, DatabaseName, QuestionId, TenantId, Upkeep};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The query of `GET /node/v1/questions`, a long poll.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// How long to wait for a question, in seconds; at most 30.
    pub wait: u32,
}

/// The answer to [`Listen`]: empty when nothing was asked in time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Questions {
    /// What is asked, oldest first. Each is told once.
    pub questions: Vec<Question>,
}

/// Something that is asked now and whose answer is worth nothing later. Nothing changes by it that a journal would have to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Question {
    /// Its identity.
    pub id: QuestionId,
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// What is asked of it.
    pub about: About,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum About {
    /// Its tables.
    Tables,
    /// Who is connected.
    Connections,
    /// What should be looked at.
    Hints,
    /// What takes long.
    Statements,
    /// That this command stops as soon as it can; one that has ended is as good as stopped.
    Stop {
        /// The command.
        command: CommandId,
    },
}

/// `POST /node/v1/questions/{id}/answer`: what the node found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Reply {
    /// The tables.
    Tables(TableList),
    /// The connections.
    Connections(ConnectionList),
    /// The hints.
    Hints(HintList),
    /// The statements.
    Statements(StatementList),
    /// Whether the command was under way; it stops.
    Stopped(Stopped),
    /// It could not be looked at.
    Failed(Failure),
}

/// Whether a command was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Whether it was.
    pub found: bool,
}

/// The largest tables of a tenant's database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableList {
    /// All bytes of the database.
    pub database_bytes: i64,
    /// How many tables there are.
    pub tables: i64,
    /// The largest of them, at most 200.
    pub items: Vec<TableView>,
}

/// A table. Rows are PostgreSQL's own estimate; nothing is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableView {
    /// Its name, with the schema before it where that is not `public`.
    pub name: String,
    /// Rows, as last estimated; nothing where nobody has looked yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<i64>,
    /// Rows that are dead and still take room.
    pub dead_rows: i64,
    /// Bytes of the rows themselves.
    pub heap_bytes: i64,
    /// Bytes of all indexes.
    pub index_bytes: i64,
    /// Bytes of long values, which are kept aside.
    pub toast_bytes: i64,
    /// All of it.
    pub total_bytes: i64,
    /// How often it was read from one end to the other.
    pub sequential_scans: i64,
    /// How often an index was used.
    pub index_scans: i64,
    /// When it was last vacuumed, by whomever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vacuumed_at: Option<Timestamp>,
    /// When it was last analyzed, by whomever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyzed_at: Option<Timestamp>,
}

/// Who is connected to a tenant's database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionList {
    /// How many connections the whole cluster can have.
    pub most: i64,
    /// How many it has.
    pub in_cluster: i64,
    /// The connections to this database, the oldest first, at most 100.
    pub items: Vec<ConnectionView>,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionView {
    /// The number of its process. Another one may have it later: `started_at` belongs to it.
    pub pid: i32,
    /// When it was opened.
    pub started_at: Timestamp,
    /// Its role.
    pub user: String,
    /// What the client calls itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub application: String,
    /// The client's address; nothing for one of the node's own machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// `active`, `idle`, `idle in transaction`, ...; nothing for a process of PostgreSQL's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Since when it is in that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_since: Option<Timestamp>,
    /// When its transaction began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_since: Option<Timestamp>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    /// The processes for whose locks it waits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<i32>,
    /// Its present or last statement, short and without literals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Whether it can be ended: neither the node's own nor a superuser's.
    pub may_end: bool,
}

/// What should be looked at in a tenant's database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HintList {
    /// Since when PostgreSQL has counted scans; what is said of use is of this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The hints, those with the most bytes first, at most 100.
    pub items: Vec<Hint>,
}

/// Something that should be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hint {
    /// `bloat`, `missing-index`, `unused-index`, `duplicate-index` or `invalid-index`.
    pub kind: String,
    /// The table.
    pub table: String,
    /// The index, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// The index that serves for the same, of a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Bytes that would be saved, or of the table that is read whole.
    pub bytes: i64,
    /// Of bloat, the percentage of the table; of a missing index, how often the whole table was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

/// What takes long in a tenant's database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementList {
    /// Whether PostgreSQL keeps count of statements here: the extension `pg_stat_statements`.
    pub available: bool,
    /// Those that took most time altogether, at most 30.
    pub items: Vec<StatementView>,
}

/// A statement, in all its runs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementView {
    /// The statement, short and without literals.
    pub query: String,
    /// How often it ran.
    pub calls: i64,
    /// How long all runs took, in milliseconds.
    pub total_ms: i64,
    /// How long one took on the average, in microseconds.
    pub mean_us: i64,
    /// Rows that it gave or changed.
    pub rows: i64,
}

/// Look after the tables of a tenant's database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MaintainDatabase {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// What is done.
    pub work: Upkeep,
    /// Only this table of the schema `public`; nothing is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

/// End one connection to a tenant's database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndConnection {
    /// The tenant.
    pub tenant: TenantId,
    /// Its database.
    pub database: DatabaseName,
    /// The number of its process.
    pub pid: i32,
    /// When it was opened: another process may have the number by now.
    pub started_at: Timestamp,
}

/// What looking after a database did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintained {
    /// Tables that were worked on, or indexes that were built anew.
    pub tables: u64,
    /// Tables that were passed over because somebody held them for long.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<String>,
    /// Bytes of the database before.
    pub bytes_before: i64,
    /// And afterwards.
    pub bytes_after: i64,
    /// Dead rows before, as PostgreSQL counts them.
    pub dead_before: i64,
    /// And afterwards.
    pub dead_after: i64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// `POST /api/tenants/{subdomain}/database/maintenance`: look after its tables.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceRequest {
    /// `vacuum`, `vacuum-analyze`, `analyze`, `vacuum-full` or `reindex`.
    #[serde(default)]
    #[schema(required = true)]
    pub work: Option<String>,
    /// Only this table of the schema `public`.
    #[serde(default)]
    pub table: Option<String>,
    /// For `vacuum-full`, which shuts each table meanwhile: the tenant's subdomain again.
    #[serde(default)]
    pub confirm: Option<String>,
    /// For `vacuum-full`: do it although the tenant is in use.
    #[serde(default)]
    pub force: Option<bool>,
}

/// `POST /api/tenants/{subdomain}/database/terminate`: end one connection.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminateRequest {
    /// The number of its process.
    #[serde(default)]
    #[schema(required = true)]
    pub pid: Option<i32>,
    /// When it was opened, as the list of connections tells it.
    #[serde(default)]
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
}

/// How much a tenant's database and files hold, and held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SizeView {
    /// As last measured; nothing where nobody has measured yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<SizePoint>,
    /// The most that the tenant's plan lets database and files hold together; nothing is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_bytes: Option<i64>,
    /// The series, the oldest first: hours of three days, days of ninety, weeks of two years.
    pub points: Vec<SizePoint>,
}

/// How much all tenants' databases and files hold, and held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TotalSizeView {
    /// Tenants that were measured.
    pub tenants: i64,
    /// Bytes of their databases.
    pub database_bytes: i64,
    /// Bytes of their files, of those that were measured.
    pub file_bytes: i64,
    /// A point for each day, the oldest first.
    pub days: Vec<SizePoint>,
}

/// One measurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SizePoint {
    /// The beginning of the hour, or of the day, in which it was measured.
    pub at: Timestamp,
    /// Bytes of the database.
    pub database_bytes: i64,
    /// Bytes of the files; nothing where they were not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<i64>,
}
