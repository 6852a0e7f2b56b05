//! Drains: nodes that are emptied.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use crate::signal::Signal;
use domain::{NodeId, NodeMode, OperationId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgExecutor;
use uuid::Uuid;

/// A drain.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct DrainRecord {
    pub id: OperationId,
    pub node_id: NodeId,
    pub plan: String,
    pub at_once: i64,
    pub mode_before: NodeMode,
    pub began_at: Timestamp,
    pub paused_at: Option<Timestamp>,
    pub paused_by: Option<String>,
    pub ended_at: Option<Timestamp>,
}

/// A drain to be written down.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewDrain<'a> {
    pub id: OperationId,
    pub node: NodeId,
    pub plan: &'a str,
    pub at_once: i16,
    pub mode_before: NodeMode,
    pub now: Timestamp,
}

struct Row {
    id: Uuid,
    node_id: Uuid,
    plan: String,
    at_once: i16,
    mode_before: String,
    began_at: jiff_sqlx::Timestamp,
    paused_at: Option<jiff_sqlx::Timestamp>,
    paused_by: Option<String>,
    ended_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for DrainRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: OperationId::from_uuid(row.id),
            node_id: NodeId::from_uuid(row.node_id),
            plan: row.plan,
            at_once: i64::from(row.at_once),
            mode_before: read("drain.mode_before", &row.mode_before)?,
            began_at: row.began_at.to_jiff(),
            paused_at: row.paused_at.map(jiff_sqlx::Timestamp::to_jiff),
            paused_by: row.paused_by,
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

async fn newest(executor: impl PgExecutor<'_>, node: NodeId) -> Result<Option<DrainRecord>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT id, node_id, plan, at_once, mode_before, began_at AS "began_at: _", paused_at AS "paused_at: _", paused_by,
                  ended_at AS "ended_at: _"
           FROM drain WHERE node_id = $1 ORDER BY began_at DESC, id DESC LIMIT 1"#,
        node.uuid()
    )
    .fetch_optional(executor)
    .await?
    .map(DrainRecord::try_from)
    .transpose()
}

impl Scoped {
    /// The newest drain of a node.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn newest_drain(&self, node: NodeId) -> Result<Option<DrainRecord>, StoreError> {
        newest(&self.pool, node).await
    }

    /// How many seconds the last moves took, on the average; nothing where none was ever done.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn seconds_of_a_move(&self) -> Result<Option<f64>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT avg(extract(epoch FROM served_at - began_at))::float8 AS seconds FROM (
                   SELECT served_at, began_at FROM relocation WHERE served_at IS NOT NULL ORDER BY served_at DESC LIMIT 20) last"#
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The copies that moves left on a node, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn copies_on(&self, node: NodeId) -> Result<Vec<OperationId>, StoreError> {
        let found = sqlx::query_scalar!(
            "SELECT id FROM relocation WHERE from_node_id = $1 AND state = 'kept' ORDER BY began_at, id",
            node.uuid()
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(found.into_iter().map(OperationId::from_uuid).collect())
    }
}

impl Unit {
    /// The newest drain of a node.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn newest_drain(&mut self, node: NodeId) -> Result<Option<DrainRecord>, StoreError> {
        newest(&mut *self.transaction, node).await
    }

    /// The drain of this identity; its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_drain(&mut self, id: OperationId) -> Result<Option<DrainRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            r#"SELECT id, node_id, plan, at_once, mode_before, began_at AS "began_at: _", paused_at AS "paused_at: _", paused_by,
                      ended_at AS "ended_at: _"
               FROM drain WHERE id = $1 FOR UPDATE"#,
            id.uuid()
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(DrainRecord::try_from)
        .transpose()
    }

    /// Writes down a drain that begins.
    ///
    /// # Errors
    /// As for any statement. The caller holds the node's row, so that no other one is under way.
    pub async fn insert_drain(&mut self, new: NewDrain<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO drain (id, node_id, plan, at_once, mode_before, began_at) VALUES ($1, $2, $3, $4, $5, $6)",
            new.id.uuid(),
            new.node.uuid(),
            new.plan,
            new.at_once,
            new.mode_before.as_str(),
            new.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Pauses a drain, or has it go on; nothing when it has ended.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has ended.
    pub async fn set_drain_pause(
        &mut self,
        id: OperationId,
        paused: Option<(Timestamp, &str)>,
    ) -> Result<(), StoreError> {
        let (at, by) = paused.unzip();
        let changed = sqlx::query!(
            "UPDATE drain SET paused_at = $2, paused_by = $3 WHERE id = $1 AND ended_at IS NULL",
            id.uuid(),
            at.map(ToSqlx::to_sqlx) as _,
            by,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Notes that a drain has ended.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_drain(&mut self, id: OperationId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE drain SET ended_at = $2, paused_at = NULL, paused_by = NULL WHERE id = $1 AND ended_at IS NULL",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Has the job of an operation look again now, if it only waits for its time. One that somebody holds looks by itself soon,
    /// and is not waited for: whoever holds it may wait for what this unit holds.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn hurry_job(&mut self, operation: OperationId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE job SET run_at = least(run_at, $2) WHERE id = (SELECT id FROM job WHERE operation_id = $1 AND status = 'queued'
                 FOR UPDATE SKIP LOCKED)",
            operation.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        self.signal(Signal::Jobs).await
    }
}

pub(crate) fn one(changed: u64) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}
