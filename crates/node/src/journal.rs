//! The node's memory of what it was told and did: written before each effect, never holding a secret.

use crate::error::NodeError;
use crate::lock::JournalLock;
use crate::managed::{self, Managed, Roles, Subject};
use crate::settings::ClusterAccess;
use domain::CommandId;
use serde_json::Value;
use sqlx::{PgConnection, PgPool, Postgres, Row, Transaction, postgres::PgRow};
use uuid::Uuid;
use wire::node::{CommandResult, Outcome};
use wire::operation::OperationStep;

/// How long finished commands are remembered. The server asks again for minutes, not for months.
const MEMORY: &str = "90 days";

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandState {
    Running,
    Undoing,
}

/// What the journal says when a command is about to begin.
pub(crate) enum Beginning {
    /// It is new, or was cut off and undone: do it.
    Fresh,
    /// It was done or failed before: only say so again.
    Known(Box<Outcome>),
}

/// A command that was cut off.
pub(crate) struct Unfinished {
    pub(crate) id: CommandId,
    pub(crate) kind: String,
    pub(crate) steps: Vec<OperationStep>,
    pub(crate) intents: Value,
}

/// The journal of one node. One agent at a time has it open.
pub(crate) struct Journal {
    pub(crate) pool: PgPool,
    pub(crate) roles: Roles,
    /// Which node's it is.
    pub(crate) identity: String,
    lock: JournalLock,
}

impl Journal {
    /// Connects, takes the journal for this agent, ends the sessions that a killed predecessor left, and brings the
    /// tables up to date.
    pub(crate) async fn open(
        access: &ClusterAccess,
        roles: Roles,
        pool_size: u32,
    ) -> Result<Self, NodeError> {
        let lock = JournalLock::take(access).await?;
        let pool = access.pool(pool_size);
        sqlx::migrate!("./migrations")
            .run(&pool)
            .await
            .map_err(migration)?;
        let forgotten = format!(
            "DELETE FROM command WHERE state IN ('done', 'failed', 'interrupted') \
             AND started_at < now() - interval '{MEMORY}'"
        );
        sqlx::query(sqlx::AssertSqlSafe(forgotten)).execute(&pool).await?;
        Ok(Self {
            identity: identity(&pool).await?,
            pool,
            roles,
            lock,
        })
    }

    /// Makes sure that the journal is still this agent's, also after PostgreSQL was restarted.
    pub(crate) async fn hold(&self) -> Result<(), NodeError> {
        self.lock.hold().await
    }

    /// Writes a command down before its first effect.
    pub(crate) async fn begin(
        &self,
        id: CommandId,
        kind: &str,
        subject: &Subject,
        intents: &Value,
    ) -> Result<(), NodeError> {
        sqlx::query(
            "INSERT INTO command (id, kind, subject, state, intents) VALUES ($1, $2, $3, 'running', $4) \
             ON CONFLICT (id) DO UPDATE SET state = 'running', steps = '[]', intents = $4, started_at = now() \
             WHERE command.state = 'interrupted'",
        )
        .bind(id.uuid())
        .bind(kind)
        .bind(subject.to_string())
        .bind(intents)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What is known of a command.
    pub(crate) async fn known(&self, id: CommandId) -> Result<Beginning, NodeError> {
        let row = sqlx::query("SELECT id, steps, result FROM command WHERE id = $1")
            .bind(id.uuid())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else {
            return Ok(Beginning::Fresh);
        };
        let Some(result) = row.try_get::<Option<Value>, _>("result")? else {
            return Ok(Beginning::Fresh);
        };
        let result: CommandResult = serde_json::from_value(result).map_err(|_| unreadable(id))?;
        Ok(Beginning::Known(Box::new(Outcome {
            steps: steps(&row, id)?,
            result,
        })))
    }

    /// Writes down how far a command is.
    pub(crate) async fn save(
        &self,
        id: CommandId,
        state: CommandState,
        steps: &[OperationStep],
    ) -> Result<(), NodeError> {
        let state = match state {
            CommandState::Running => "running",
            CommandState::Undoing => "undoing",
        };
        sqlx::query(
            "UPDATE command SET state = $2, steps = $3 WHERE id = $1 AND state IN ('running', 'undoing')",
        )
        .bind(id.uuid())
        .bind(state)
        .bind(json(steps))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes down how a command ended, once.
    pub(crate) async fn finish(
        &self,
        connection: &mut PgConnection,
        id: CommandId,
        outcome: &Outcome,
    ) -> Result<(), NodeError> {
        let state = match outcome.result {
            CommandResult::Done(_) => "done",
            CommandResult::Failed(_) => "failed",
        };
        sqlx::query(
            "UPDATE command SET state = $2, steps = $3, result = $4, finished_at = now() \
             WHERE id = $1 AND state IN ('running', 'undoing')",
        )
        .bind(id.uuid())
        .bind(state)
        .bind(json(&outcome.steps))
        .bind(json(&outcome.result))
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Notes that a command which was cut off has been undone.
    pub(crate) async fn interrupted(&self, id: CommandId) -> Result<(), NodeError> {
        sqlx::query(
            "UPDATE command SET state = 'interrupted', finished_at = now() \
             WHERE id = $1 AND state IN ('running', 'undoing')",
        )
        .bind(id.uuid())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The commands that were cut off, newest first: later effects are undone before earlier ones.
    pub(crate) async fn unfinished(&self) -> Result<Vec<Unfinished>, NodeError> {
        let rows = sqlx::query(
            "SELECT id, kind, steps, intents FROM command WHERE state IN ('running', 'undoing') \
             ORDER BY started_at DESC",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let id = CommandId::from_uuid(row.try_get::<Uuid, _>("id")?);
                let (kind, intents) = (row.try_get("kind")?, row.try_get("intents")?);
                Ok(Unfinished {
                    id,
                    kind,
                    steps: steps(row, id)?,
                    intents,
                })
            })
            .collect()
    }

    /// Begins a transaction in a task of its own: one whose BEGIN is cancelled stays open where sqlx does not see it, and
    /// the pool would lend it on.
    pub(crate) async fn transaction(&self) -> Result<Transaction<'static, Postgres>, NodeError> {
        let pool = self.pool.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that begins, out of reach of a cancellation"
        )]
        let begun = tokio::spawn(async move { pool.begin().await }).await;
        Ok(begun.unwrap_or(Err(sqlx::Error::WorkerCrashed))?)
    }

    /// Moves a database, alone in a transaction.
    pub(crate) async fn transfer(&self, from: &Managed, to: &Managed) -> Result<(), NodeError> {
        if from == to {
            return Ok(());
        }
        let mut transaction = self.transaction().await?;
        managed::transfer(&mut transaction, &self.roles, from, to).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// When the journal was made, to the microsecond: no two nodes' were at once. It goes wherever the journal goes, also into a newer
/// PostgreSQL, where the cluster's own number becomes another.
async fn identity(pool: &PgPool) -> Result<String, NodeError> {
    Ok(sqlx::query_scalar(
        "SELECT to_char(min(installed_on) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM _sqlx_migrations",
    )
    .fetch_one(pool)
    .await?)
}

fn steps(row: &PgRow, id: CommandId) -> Result<Vec<OperationStep>, NodeError> {
    serde_json::from_value(row.try_get("steps")?).map_err(|_| unreadable(id))
}

fn unreadable(id: CommandId) -> NodeError {
    NodeError::Record {
        what: format!("command {id}"),
    }
}

/// Our own types have text keys only, so this cannot fail; if it did, `null` breaks a constraint of the table.
fn json(value: &(impl serde::Serialize + ?Sized)) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn migration(error: sqlx::migrate::MigrateError) -> NodeError {
    match error {
        sqlx::migrate::MigrateError::Execute(source) => source.into(),
        source => NodeError::Migration { source },
    }
}
