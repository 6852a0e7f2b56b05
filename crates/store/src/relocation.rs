//! Moves of tenants between nodes, the streams by which they go, and the copies that they leave.

use crate::error::{StoreError, read};
use crate::placement::{Place, PlaceRow};
use crate::scope::{Scoped, Unit};
use domain::{DatabaseName, JobId, NodeId, OperationId, TemplateName, TenantId, TransferId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// A move to be written down.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewRelocation<'a> {
    pub id: OperationId,
    pub tenant: TenantId,
    pub subdomain: &'a str,
    pub database: &'a DatabaseName,
    pub from: NodeId,
    pub to: NodeId,
    pub was_served: bool,
    pub now: Timestamp,
}

/// A copy that is left of a tenant that moved.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct KeptCopy {
    pub id: OperationId,
    pub tenant: TenantId,
    pub subdomain: String,
    pub database: DatabaseName,
    pub node: NodeId,
    pub generation: i64,
}

/// Which end of a transfer a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferEnd {
    /// It sends.
    Source,
    /// It receives.
    Destination,
}

/// A transfer, as one of its nodes may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferRecord {
    /// Which end the node is.
    pub end: TransferEnd,
    /// Whether nobody may use it any more.
    pub is_over: bool,
}

struct CopyRow {
    id: uuid::Uuid,
    tenant_id: uuid::Uuid,
    subdomain: String,
    database_name: String,
    from_node_id: uuid::Uuid,
    generation: i64,
}

impl TryFrom<CopyRow> for KeptCopy {
    type Error = StoreError;
    fn try_from(row: CopyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OperationId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            subdomain: row.subdomain,
            database: read("relocation.database_name", &row.database_name)?,
            node: NodeId::from_uuid(row.from_node_id),
            generation: row.generation,
        })
    }
}

impl Scoped {
    /// The transfer of this identity, if the node is one of its ends. It is over for a node, too, when the other one has told
    /// its outcome: a node that was killed after the stream and begins it anew would wait for somebody who is done with it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn transfer(&self, id: TransferId, node: NodeId) -> Result<Option<TransferRecord>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT t.from_node_id = $2 AS "is_source!",
                      t.ended_at IS NOT NULL OR EXISTS (
                          SELECT FROM node_command c
                          WHERE c.job_id = t.job_id AND c.node_id <> $2 AND c.state = 'done'
                            AND c.payload ->> 'transfer' = $3
                      ) AS "is_over!"
               FROM transfer t WHERE t.id = $1 AND $2 IN (t.from_node_id, t.to_node_id)
               UNION ALL SELECT true, ended_at IS NOT NULL FROM download_fetch WHERE id = $1 AND node_id = $2
               UNION ALL SELECT false, EXISTS (SELECT FROM operation o WHERE o.id = u.operation_id AND o.finished_at IS NOT NULL)
               FROM upload u WHERE u.transfer_id = $1 AND u.node_id = $2"#,
            id.uuid(),
            node.uuid(),
            id.to_string(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| TransferRecord {
            end: match row.is_source {
                true => TransferEnd::Source,
                false => TransferEnd::Destination,
            },
            is_over: row.is_over,
        }))
    }

    /// Copies whose time is over, or whose tenant is gone; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn copies_due(&self, now: Timestamp, limit: i64) -> Result<Vec<OperationId>, StoreError> {
        let due = sqlx::query_scalar!(
            "SELECT r.id FROM relocation r JOIN node n ON n.id = r.from_node_id AND n.mode IN ('active', 'draining')
             WHERE r.state = 'kept' AND (r.keep_until <= $1 OR NOT EXISTS (SELECT FROM tenant t WHERE t.id = r.tenant_id))
             ORDER BY r.keep_until LIMIT $2",
            now.to_sqlx() as _,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(due.into_iter().map(OperationId::from_uuid).collect())
    }
}

impl Unit {
    /// The nodes that a tenant that is there, or was kept, could go to, with its own. Until the unit ends, nobody else places a tenant. Without a
    /// template, a newcomer is counted as large as the largest.
    ///
    /// `horizon` is when a node that is online was last seen at the latest.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn places_to_move(
        &mut self,
        template: Option<&TemplateName>,
        horizon: Timestamp,
    ) -> Result<Vec<Place>, StoreError> {
        self.hold_placing().await?;
        sqlx::query_as!(
            PlaceRow,
            r#"SELECT n.id, n.name, n.domain, n.address_pattern, n.mode, n.labels, n.max_tenants,
                      coalesce(n.last_seen_at > $2, false) AS "is_online!", n.observed -> 'capacity' AS capacity,
                      (SELECT count(*) FROM tenant t WHERE t.node_id = n.id)
                          + (SELECT count(*) FROM relocation r WHERE r.to_node_id = n.id AND r.state = 'moving')
                          AS "tenants!",
                      (SELECT count(*) FROM tenant t WHERE t.node_id = n.id AND t.created_at > n.observed_at)
                          + (SELECT count(*) FROM relocation r
                             WHERE r.to_node_id = n.id AND (r.state = 'moving' OR r.served_at > n.observed_at))
                          AS "newcomers!",
                      coalesce((SELECT max(p.size_bytes) FROM template p WHERE $1::text IS NULL OR p.name = $1), 0)
                          AS "tenant_bytes!"
               FROM node n WHERE n.removed_at IS NULL ORDER BY n.name"#,
            template.map(TemplateName::as_str),
            horizon.to_sqlx() as _,
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .into_iter()
        .map(Place::try_from)
        .collect()
    }

    /// Holds a tenant's row, which is read by a statement that begins afterwards: one that waited for the row itself would join it
    /// with the node that it was on before, and find nothing, and give the reasons for which it was suspended then.
    ///
    /// # Errors
    /// As for any statement.
    pub(crate) async fn hold_tenant(&mut self, name: &DatabaseName) -> Result<(), StoreError> {
        sqlx::query!(
            "SELECT id FROM tenant WHERE database_name = $1 FOR UPDATE",
            name.as_str()
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes down a move that begins.
    ///
    /// # Errors
    /// [`crate::Conflict::Relocation`] when the tenant moves, or a copy of an earlier move is kept.
    pub async fn insert_relocation(&mut self, new: NewRelocation<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO relocation (id, tenant_id, subdomain, database_name, from_node_id, to_node_id, state, was_served, began_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'moving', $7, $8)",
            new.id.uuid(),
            new.tenant.uuid(),
            new.subdomain,
            new.database.as_str(),
            new.from.uuid(),
            new.to.uuid(),
            new.was_served,
            new.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that the source is told to close the tenant; the first time counts.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn relocation_closes(&mut self, id: OperationId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE relocation SET closed_at = coalesce(closed_at, $2) WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Puts a tenant on another node.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the tenant is not under this operation.
    pub async fn set_tenant_node(
        &mut self,
        tenant: TenantId,
        operation: OperationId,
        node: NodeId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE tenant SET node_id = $3, generation = generation + 1, updated_at = $4 WHERE id = $1 AND operation_id = $2",
            tenant.uuid(),
            operation.uuid(),
            node.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Notes that a copy is put away, and with which generation.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn relocation_leaves(&mut self, id: OperationId, generation: i64) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE relocation SET generation = greatest(generation, $2) WHERE id = $1",
            id.uuid(),
            generation,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that a move is done, and its copy kept; gives for how many milliseconds the tenant was closed.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is not under way.
    pub async fn relocation_done(
        &mut self,
        id: OperationId,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<i64, StoreError> {
        let stop = sqlx::query_scalar!(
            r#"UPDATE relocation SET state = 'kept', served_at = $2, keep_until = $3 WHERE id = $1 AND state = 'moving'
               RETURNING (extract(epoch FROM $2::timestamptz - coalesce(closed_at, $2)) * 1000)::bigint AS "stop!""#,
            id.uuid(),
            now.to_sqlx() as _,
            keep_until.to_sqlx() as _,
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(stop)
    }

    /// Notes that a move was undone; nothing for an operation that is no move.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn relocation_undone(&mut self, id: OperationId) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE relocation SET state = 'undone' WHERE id = $1 AND state = 'moving'",
            id.uuid()
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Whether a copy of an earlier move of this tenant is kept.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn kept_copy(&mut self, tenant: TenantId) -> Result<Option<OperationId>, StoreError> {
        let found = sqlx::query_scalar!(
            "SELECT id FROM relocation WHERE tenant_id = $1 AND state IN ('kept', 'dropping')",
            tenant.uuid()
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(found.map(OperationId::from_uuid))
    }

    /// Takes a kept copy to be dropped; nothing when it is not kept, or being dropped.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn take_kept_copy(&mut self, id: OperationId) -> Result<Option<KeptCopy>, StoreError> {
        sqlx::query_as!(
            CopyRow,
            "UPDATE relocation SET state = 'dropping' WHERE id = $1 AND state = 'kept'
             RETURNING id, tenant_id, subdomain, database_name, from_node_id, generation",
            id.uuid()
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(KeptCopy::try_from)
        .transpose()
    }

    /// Notes how the dropping of a copy ended: it is gone, or still there.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn copy_dropped(
        &mut self,
        id: OperationId,
        gone_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE relocation SET state = CASE WHEN $2::timestamptz IS NULL THEN 'kept' ELSE 'dropped' END, dropped_at = $2
             WHERE id = $1 AND state = 'dropping'",
            id.uuid(),
            gone_at.map(ToSqlx::to_sqlx) as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that the copies on a node went with it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn give_copies_up(&mut self, node: NodeId) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE relocation SET state = 'given-up' WHERE from_node_id = $1 AND state IN ('kept', 'dropping')",
            node.uuid()
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Opens a transfer between two nodes, and ends those of the saga that were there.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_transfer(
        &mut self,
        id: TransferId,
        job: JobId,
        [from, to]: [NodeId; 2],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE transfer SET ended_at = $2 WHERE job_id = $1 AND ended_at IS NULL",
            job.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "INSERT INTO transfer (id, job_id, from_node_id, to_node_id, created_at) VALUES ($1, $2, $3, $4, $5)",
            id.uuid(),
            job.uuid(),
            from.uuid(),
            to.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Whether a node is still there.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_is_there(&mut self, id: NodeId) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar!(
            r#"SELECT removed_at IS NULL AS "there!" FROM node WHERE id = $1"#,
            id.uuid()
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(found.unwrap_or(false))
    }
}

fn one(changed: u64) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}
