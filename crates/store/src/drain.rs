//! Drains: nodes that are emptied, and how each of their tenants stands.

use crate::error::{StoreError, read, read_optional};
use crate::scope::{Scoped, Unit};
use crate::signal::Signal;
use domain::drain::Leaving;
use domain::{NodeId, NodeLabel, NodeMode, NodeName, OperationId, OperationState, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgExecutor;
use std::collections::BTreeSet;
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

/// What a tenant wants of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeWish {
    /// What it must be known by.
    pub labels: BTreeSet<NodeLabel>,
    /// What it takes of a disk, if its node has told that.
    pub bytes: Option<u64>,
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

    /// The tenants of a node, tombstones left out, with what planning where they go has to know.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn leaving(&mut self, node: NodeId) -> Result<Vec<Leaving>, StoreError> {
        sqlx::query!(
            r#"SELECT t.id, t.subdomain, t.state, t.switch = 'stopped' AS "is_stopped!", t.node_labels, t.is_pinned, n.domain,
                      coalesce((n.observed -> 'sizes' ->> ('ten_' || replace(t.id::text, '-', '')))::bigint,
                          (SELECT max(p.size_bytes) FROM template p WHERE p.name = t.template), 0) AS "bytes!",
                      EXISTS (SELECT FROM relocation r WHERE r.tenant_id = t.id AND r.state IN ('kept', 'dropping')) AS "has_copy!"
               FROM tenant t JOIN node n ON n.id = t.node_id WHERE t.node_id = $1 AND t.state <> 'deleted'"#,
            node.uuid()
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Leaving {
                tenant: TenantId::from_uuid(row.id),
                subdomain: row.subdomain,
                domain: read("node.domain", &row.domain)?,
                bytes: row.bytes.unsigned_abs(),
                labels: crate::node::labels(&row.node_labels)?,
                is_pinned: row.is_pinned,
                state: read("tenant.state", &row.state)?,
                is_stopped: row.is_stopped,
                has_copy: row.has_copy,
            })
        })
        .collect()
    }

    /// How many tenants are on a node, and how many tombstones.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants_on(&mut self, node: NodeId) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query!(
            r#"SELECT count(*) FILTER (WHERE state <> 'deleted') AS "tenants!",
                      count(*) FILTER (WHERE state = 'deleted') AS "tombstones!" FROM tenant WHERE node_id = $1"#,
            node.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok((row.tenants, row.tombstones))
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

    /// Notes what a new tenant wants of its node, also when it moves.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_node_wish(
        &mut self,
        tenant: TenantId,
        labels: &[String],
        is_pinned: bool,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET node_labels = $2, is_pinned = $3 WHERE id = $1",
            tenant.uuid(),
            labels,
            is_pinned,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// What a tenant wants its node to be known by, and what it takes of a disk, as far as that is known.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_wish(&mut self, tenant: TenantId) -> Result<NodeWish, StoreError> {
        let row = sqlx::query!(
            "SELECT t.node_labels, (n.observed -> 'sizes' ->> ('ten_' || replace(t.id::text, '-', '')))::bigint AS bytes
             FROM tenant t JOIN node n ON n.id = t.node_id WHERE t.id = $1",
            tenant.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(NodeWish {
            labels: crate::node::labels(&row.node_labels)?,
            bytes: row.bytes.map(i64::unsigned_abs),
        })
    }
}

fn one(changed: u64) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}
