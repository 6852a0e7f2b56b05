//! The tenants of a drain: those that go, in their order, and those that stay.

use crate::drain::one;
use crate::error::{StoreError, read, read_optional};
use crate::scope::{Scoped, Unit};
use domain::{NodeId, NodeName, OperationId, OperationState, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// Why a tenant of a drain does not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable word.
    pub code: String,
    /// For a person.
    pub detail: String,
}

/// A tenant of a drain to be written down.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewDrainMove<'a> {
    pub position: i32,
    pub tenant: TenantId,
    pub subdomain: &'a str,
    pub to: Option<NodeId>,
    pub bytes: i64,
    pub refusal: Option<&'a Refusal>,
}

/// A tenant of a drain whose move has not begun.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct WaitingMove {
    pub position: i32,
    pub tenant: TenantId,
    pub to: NodeName,
    pub put_off_at: Option<Timestamp>,
}

/// A tenant of a drain, with how its move stands.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration, or the operation's"
)]
pub struct DrainMoveRecord {
    pub subdomain: String,
    pub to: Option<NodeName>,
    pub bytes: i64,
    pub operation: Option<OperationId>,
    pub state: Option<OperationState>,
    pub put_off_for: Option<String>,
    pub failure: Option<Refusal>,
    pub stop_ms: Option<i64>,
}

/// How many tenants of a drain stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DrainCounts {
    /// Their moves have not begun.
    pub waiting: i64,
    /// Their moves are under way.
    pub open: i64,
    /// They are elsewhere.
    pub moved: i64,
    /// Their moves failed, or were not begun. Who is not there any more is not among them.
    pub left: i64,
}

impl Scoped {
    /// The tenants of a drain in their order, each with how its move stands; those that stay come last.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn drain_moves(&self, id: OperationId) -> Result<Vec<DrainMoveRecord>, StoreError> {
        sqlx::query!(
            r#"SELECT m.subdomain, n.name AS "to?", m.bytes, m.operation_id, o.state AS "state?", m.put_off_for,
                      coalesce(m.refused_code, o.failure_code) AS code, coalesce(m.refused_detail, o.failure_detail) AS detail,
                      (o.facts ->> 'stop_ms')::bigint AS stop_ms
               FROM drain_move m LEFT JOIN node n ON n.id = m.to_node_id LEFT JOIN operation o ON o.id = m.operation_id
               WHERE m.drain_id = $1 ORDER BY m.position"#,
            id.uuid()
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(|row| {
            Ok(DrainMoveRecord {
                subdomain: row.subdomain,
                to: read_optional("node.name", row.to.as_deref())?,
                bytes: row.bytes,
                operation: row.operation_id.map(OperationId::from_uuid),
                state: read_optional("operation.state", row.state.as_deref())?,
                put_off_for: row.put_off_for,
                failure: row.code.map(|code| Refusal {
                    code,
                    detail: row.detail.unwrap_or_default(),
                }),
                stop_ms: row.stop_ms,
            })
        })
        .collect()
    }
}

impl Unit {
    /// Writes down a tenant of a drain.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_drain_move(
        &mut self,
        id: OperationId,
        new: NewDrainMove<'_>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO drain_move (drain_id, position, tenant_id, subdomain, to_node_id, bytes, refused_code, refused_detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id.uuid(),
            new.position,
            new.tenant.uuid(),
            new.subdomain,
            new.to.map(NodeId::uuid),
            new.bytes,
            new.refusal.map(|refusal| refusal.code.as_str()),
            new.refusal.map(|refusal| refusal.detail.as_str()),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The tenants of a drain whose moves have not begun, in their order: those that were put off come last.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn waiting_moves(&mut self, id: OperationId) -> Result<Vec<WaitingMove>, StoreError> {
        sqlx::query!(
            r#"SELECT m.position, m.tenant_id, n.name, m.put_off_at AS "put_off_at: jiff_sqlx::Timestamp"
               FROM drain_move m JOIN node n ON n.id = m.to_node_id
               WHERE m.drain_id = $1 AND m.operation_id IS NULL AND m.refused_code IS NULL
               ORDER BY m.put_off_at IS NOT NULL, m.position"#,
            id.uuid()
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .into_iter()
        .map(|row| {
            Ok(WaitingMove {
                position: row.position,
                tenant: TenantId::from_uuid(row.tenant_id),
                to: read("node.name", &row.name)?,
                put_off_at: row.put_off_at.map(jiff_sqlx::Timestamp::to_jiff),
            })
        })
        .collect()
    }

    /// How many tenants of a drain stand where.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn drain_counts(&mut self, id: OperationId) -> Result<DrainCounts, StoreError> {
        Ok(sqlx::query_as!(
            DrainCounts,
            r#"SELECT count(*) FILTER (WHERE m.operation_id IS NULL AND m.refused_code IS NULL) AS "waiting!",
                      count(*) FILTER (WHERE o.state IN ('queued', 'running')) AS "open!",
                      count(*) FILTER (WHERE o.state = 'succeeded') AS "moved!",
                      count(*) FILTER (WHERE o.state = 'failed' OR m.refused_code <> 'gone') AS "left!"
               FROM drain_move m LEFT JOIN operation o ON o.id = m.operation_id WHERE m.drain_id = $1"#,
            id.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// The tenants of a drain that did not go, by name, at most so many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn left_by_drain(
        &mut self,
        id: OperationId,
        most: i64,
    ) -> Result<Vec<(String, String)>, StoreError> {
        Ok(sqlx::query!(
            r#"SELECT m.subdomain, coalesce(m.refused_code, o.failure_code, '') AS "code!"
               FROM drain_move m LEFT JOIN operation o ON o.id = m.operation_id
               WHERE m.drain_id = $1 AND (o.state = 'failed' OR m.refused_code <> 'gone') ORDER BY m.subdomain LIMIT $2"#,
            id.uuid(),
            most,
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .into_iter()
        .map(|row| (row.subdomain, row.code))
        .collect())
    }

    /// Notes the operation that moves a tenant of a drain.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it was begun or refused before.
    pub async fn drain_move_begun(
        &mut self,
        id: OperationId,
        position: i32,
        operation: OperationId,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE drain_move SET operation_id = $3, put_off_at = NULL, put_off_for = NULL
             WHERE drain_id = $1 AND position = $2 AND operation_id IS NULL AND refused_code IS NULL",
            id.uuid(),
            position,
            operation.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Notes why a tenant of a drain is not moved.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it was begun or refused before.
    pub async fn drain_move_refused(
        &mut self,
        id: OperationId,
        position: i32,
        refusal: &Refusal,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE drain_move SET refused_code = $3, refused_detail = $4, put_off_at = NULL, put_off_for = NULL
             WHERE drain_id = $1 AND position = $2 AND operation_id IS NULL AND refused_code IS NULL",
            id.uuid(),
            position,
            refusal.code,
            refusal.detail,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Notes that a tenant of a drain cannot move yet; since when is the first time.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn drain_move_put_off(
        &mut self,
        id: OperationId,
        position: i32,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE drain_move SET put_off_at = coalesce(put_off_at, $3), put_off_for = $4 WHERE drain_id = $1 AND position = $2",
            id.uuid(),
            position,
            now.to_sqlx() as _,
            reason,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
