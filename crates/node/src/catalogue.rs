//! What PostgreSQL's catalogue says of databases, and who is connected to them.

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use sqlx::{PgExecutor, PgPool, Row, postgres::PgRow};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long sessions that were told to end may take.
const END_PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether they did.
const END_LOOK: Duration = Duration::from_millis(5);

/// One database as `pg_database` has it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) oid: i64,
    pub(crate) is_template: bool,
    pub(crate) allows_connections: bool,
}

impl Entry {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            oid: row.try_get("oid")?,
            is_template: row.try_get("datistemplate")?,
            allows_connections: row.try_get("datallowconn")?,
        })
    }
}

/// The database of this name, whoever's it is.
pub(crate) async fn named(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
) -> Result<Option<Entry>, NodeError> {
    let row = sqlx::query(
        "SELECT oid::bigint AS oid, datistemplate, datallowconn FROM pg_database WHERE datname = $1",
    )
    .bind(name.as_str())
    .fetch_optional(executor)
    .await?;
    Ok(row.as_ref().map(Entry::from_row).transpose()?)
}

/// What the database of this number is called now; nothing when it is gone, or called what the node calls none.
pub(crate) async fn name_of(
    executor: impl PgExecutor<'_>,
    oid: i64,
) -> Result<Option<Identifier>, NodeError> {
    let row = sqlx::query("SELECT datname::text AS name FROM pg_database WHERE oid = $1::bigint::oid")
        .bind(oid)
        .fetch_optional(executor)
        .await?;
    let name: Option<String> = row.map(|row| row.try_get("name")).transpose()?;
    Ok(name.and_then(|name| name.parse().ok()))
}

/// Its size in bytes.
pub(crate) async fn size(executor: impl PgExecutor<'_>, oid: i64) -> Result<i64, NodeError> {
    let row = sqlx::query("SELECT pg_database_size($1::bigint::oid)")
        .bind(oid)
        .fetch_one(executor)
        .await?;
    Ok(row.try_get(0)?)
}

/// Whose sessions are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everybody's: the database is about to be renamed or dropped.
    Everybody,
    /// All but those of the node's own role, by which backups are taken: they may read what is closed.
    AllButOwn,
}

/// Ends the sessions on the database until none is left. Superusers' sessions cannot be ended by the node and
/// are left: they are the operator's own.
///
/// # Errors
/// [`Code::DatabaseInUse`] when sessions are left after 10 s.
pub(crate) async fn end_sessions(pool: &PgPool, oid: i64, whose: Ended) -> Result<u64, StepFailure> {
    let deadline = Instant::now() + END_PATIENCE;
    let mut ended = 0;
    loop {
        // Parallel workers end with the session that they work for.
        let row = sqlx::query(
            "SELECT count(*) AS sessions, \
             count(*) FILTER (WHERE backend_type = 'client backend' AND pg_terminate_backend(pid)) AS told \
             FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid \
             WHERE datid = $1::bigint::oid AND pid <> pg_backend_pid() AND NOT rolsuper \
             AND (rolname <> current_user OR $2)",
        )
        .bind(oid)
        .bind(whose == Ended::Everybody)
        .fetch_one(pool)
        .await?;
        let (sessions, told): (i64, i64) = (row.try_get("sessions")?, row.try_get("told")?);
        ended = ended.max(told.unsigned_abs());
        if sessions == 0 {
            return Ok(ended);
        }
        if Instant::now() >= deadline {
            let detail = format!("{sessions} sessions on the database do not end. Look at pg_stat_activity.");
            return Err(StepFailure::new(Code::DatabaseInUse, detail));
        }
        sleep(END_LOOK).await;
    }
}
