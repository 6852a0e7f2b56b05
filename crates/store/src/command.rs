//! Orders to nodes, from the decision to the outcome.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{CommandId, NodeId, OperationId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use uuid::Uuid;

/// An order to be written down as queued.
#[derive(Debug)]
pub struct NewCommand {
    /// Identity.
    pub id: CommandId,
    /// Who is to do it.
    pub node: NodeId,
    /// The operation that it belongs to.
    pub operation: OperationId,
    /// The tenant's generation.
    pub generation: i64,
    /// The order without its secret.
    pub payload: Value,
    /// The order's secret, encrypted.
    pub sealed: Option<Vec<u8>>,
    /// When it is decided.
    pub now: Timestamp,
}

/// An order on its way to the node.
#[derive(Debug)]
pub struct DeliveredCommand {
    /// Identity.
    pub id: CommandId,
    /// The tenant's generation.
    pub generation: i64,
    /// The order without its secret.
    pub payload: Value,
    /// The order's secret, encrypted.
    pub sealed: Option<Vec<u8>>,
}

/// An order that has no outcome yet.
#[derive(Debug, Clone, Copy)]
pub struct OpenCommand {
    /// Identity.
    pub id: CommandId,
    /// The operation that it belongs to.
    pub operation: OperationId,
}

impl Scoped {
    /// Hands the node what it does not hold, oldest first, and marks it delivered and its operation running.
    ///
    /// A command that was delivered before and is not held was lost on the way or with the process
    /// that got it, so it is delivered again; the node's journal keeps it from being applied twice.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn deliver_commands(
        &self,
        node: NodeId,
        holding: &[CommandId],
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<DeliveredCommand>, StoreError> {
        let holding: Vec<Uuid> = holding.iter().map(|id| id.uuid()).collect();
        let mut unit = self.begin().await?;
        let mut rows = sqlx::query!(
            "WITH open AS (
                 SELECT id FROM node_command WHERE node_id = $1 AND state <> 'done' AND NOT id = ANY($2)
                     AND EXISTS (SELECT FROM node WHERE id = $1 AND mode <> 'stopped')
                     AND NOT EXISTS (SELECT FROM operation o JOIN tenant t ON t.id = o.tenant_id
                                     WHERE o.id = node_command.operation_id AND t.switch = 'stopped')
                 ORDER BY created_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
             ), begun AS (
                 UPDATE operation SET state = 'running', started_at = coalesce(started_at, $4)
                 WHERE state IN ('queued', 'running')
                   AND id IN (SELECT operation_id FROM node_command JOIN open USING (id))
                 RETURNING id, pg_notify('tenantry', 'ope_' || replace(id::text, '-', ''))
             )
             UPDATE node_command c SET state = 'delivered', delivered_at = $4, deliveries = deliveries + 1
             FROM open, (SELECT count(*) FROM begun) AS counted WHERE c.id = open.id
             RETURNING c.id, c.generation, c.payload, c.sealed",
            node.uuid(),
            &holding,
            limit,
            now.to_sqlx() as _,
        )
        .fetch_all(&mut *unit.transaction)
        .await?;
        unit.commit().await?;
        // UUIDv7 sorts by time.
        rows.sort_by_key(|row| row.id);
        let delivered = rows.into_iter().map(|row| DeliveredCommand {
            id: CommandId::from_uuid(row.id),
            generation: row.generation,
            payload: row.payload,
            sealed: row.sealed,
        });
        Ok(delivered.collect())
    }
}

impl Unit {
    /// Writes down an order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_command(&mut self, command: NewCommand) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO node_command (id, node_id, operation_id, generation, payload, sealed, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7)",
            command.id.uuid(),
            command.node.uuid(),
            command.operation.uuid(),
            command.generation,
            command.payload,
            command.sealed,
            command.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Takes back the order of an operation, if no node has got it yet; tells whether that was so.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn withdraw_command(
        &mut self,
        operation: OperationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE node_command SET state = 'done', finished_at = $2, sealed = NULL
             WHERE operation_id = $1 AND state = 'queued'",
            operation.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The node's command of this identity, if it has no outcome yet; held until the unit ends. Where it is a saga's, what other
    /// nodes tell of the same saga waits for that, too: one end of a transfer that fails lets go of the other's command.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_open_command(
        &mut self,
        node: NodeId,
        id: CommandId,
    ) -> Result<Option<OpenCommand>, StoreError> {
        sqlx::query!(
            "SELECT pg_advisory_xact_lock(hashtextextended(job_id::text, 0)) FROM node_command WHERE id = $1 AND job_id IS NOT NULL",
            id.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        let row = sqlx::query!(
            "SELECT operation_id FROM node_command WHERE id = $1 AND node_id = $2 AND state <> 'done' FOR UPDATE",
            id.uuid(),
            node.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|row| OpenCommand {
            id,
            operation: OperationId::from_uuid(row.operation_id),
        }))
    }

    /// Whether the node ever had such a command.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn command_exists(&mut self, node: NodeId, id: CommandId) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM node_command WHERE id = $1 AND node_id = $2) AS "exists!""#,
            id.uuid(),
            node.uuid(),
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Ends a command and empties its secret.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had ended.
    pub async fn finish_command(&mut self, id: CommandId, now: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE node_command SET state = 'done', sealed = NULL, finished_at = $2 WHERE id = $1 AND state <> 'done'",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }
}
