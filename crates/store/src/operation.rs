//! Operations: what was asked, how far it is, how it ended.

use crate::error::{StoreError, read, read_optional};
use crate::scope::{Bounds, Scoped, Unit};
use domain::{NodeId, NodeName, OperationId, OperationKind, OperationState, Reach, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;
use wire::operation::{Failure, OperationStep};

/// An operation.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct OperationRecord {
    pub id: OperationId,
    pub kind: OperationKind,
    pub state: OperationState,
    pub tenant: Option<TenantId>,
    pub subject: String,
    pub intent: Value,
    pub node: Option<NodeName>,
    pub steps: Vec<OperationStep>,
    pub failure: Option<Failure>,
    pub facts: Option<Value>,
    pub parent: Option<OperationId>,
    pub requested_by: String,
    pub request_hash: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// An operation to be written down as queued.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewOperation<'a> {
    pub id: OperationId,
    pub kind: OperationKind,
    pub tenant: Option<TenantId>,
    pub subject: &'a str,
    pub intent: Value,
    pub node: Option<NodeId>,
    pub parent: Option<OperationId>,
    pub idempotency_key: Option<&'a str>,
    pub request_hash: Option<&'a [u8]>,
    pub now: Timestamp,
}

pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) subject: String,
    pub(crate) intent: Value,
    pub(crate) node: Option<String>,
    pub(crate) steps: Value,
    pub(crate) facts: Option<Value>,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) requested_by: String,
    pub(crate) failure_code: Option<String>,
    pub(crate) failure_detail: Option<String>,
    pub(crate) request_hash: Option<Vec<u8>>,
    pub(crate) created_at: jiff_sqlx::Timestamp,
    pub(crate) started_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) finished_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for OperationRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let failure = row.failure_code.map(|code| Failure {
            code,
            detail: row.failure_detail.unwrap_or_default(),
        });
        Ok(Self {
            id: OperationId::from_uuid(row.id),
            kind: read("operation.kind", &row.kind)?,
            state: read("operation.state", &row.state)?,
            tenant: row.tenant_id.map(TenantId::from_uuid),
            subject: row.subject,
            intent: row.intent,
            node: read_optional("node.name", row.node.as_deref())?,
            facts: row.facts,
            parent: row.parent_id.map(OperationId::from_uuid),
            requested_by: row.requested_by,
            steps: serde_json::from_value(row.steps).map_err(|_| StoreError::Corrupt {
                column: "operation.steps",
            })?,
            failure,
            request_hash: row.request_hash,
            created_at: row.created_at.to_jiff(),
            started_at: row.started_at.map(jiff_sqlx::Timestamp::to_jiff),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

impl Scoped {
    /// The operation of this identity, if it may be seen: one on a tenant goes with the tenant.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn operation(
        &self,
        reach: &Reach,
        id: OperationId,
    ) -> Result<Option<OperationRecord>, StoreError> {
        let bounds = Bounds::from(reach.done());
        sqlx::query_as!(
            Row,
            r#"SELECT o.id, o.kind, o.state, o.tenant_id, o.subject, o.intent, n.name AS "node?", o.steps, o.facts, o.parent_id, o.requested_by,
                    o.failure_code, o.failure_detail, o.request_hash, o.created_at, o.started_at, o.finished_at
             FROM operation o LEFT JOIN node n ON n.id = o.node_id WHERE o.id = $1 AND ($2 OR EXISTS (SELECT FROM tenant t
                 WHERE t.id = o.tenant_id AND ($3 OR t.organization_id = ANY($4)) AND ($5::uuid[] IS NULL OR t.id = ANY($5))))"#,
            id.uuid(),
            reach.done().is_everything(),
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
        )
        .fetch_optional(&self.pool)
        .await?
        .map(OperationRecord::try_from)
        .transpose()
    }

    /// The operation that this actor asked for under this `Idempotency-Key`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn operation_by_idempotency_key(
        &self,
        actor: &str,
        key: &str,
    ) -> Result<Option<OperationRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            r#"SELECT o.id, o.kind, o.state, o.tenant_id, o.subject, o.intent, n.name AS "node?", o.steps, o.facts, o.parent_id, o.requested_by,
                    o.failure_code, o.failure_detail, o.request_hash, o.created_at, o.started_at, o.finished_at
             FROM operation o LEFT JOIN node n ON n.id = o.node_id WHERE o.requested_by = $1 AND o.idempotency_key = $2"#,
            actor,
            key,
        )
        .fetch_optional(&self.pool)
        .await?
        .map(OperationRecord::try_from)
        .transpose()
    }

    /// The newest operations that may be seen, at most `limit`; only of this subject or parts of this operation, if given.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn operations(
        &self,
        reach: &Reach,
        subject: Option<&str>,
        parent: Option<OperationId>,
        limit: i64,
    ) -> Result<Vec<OperationRecord>, StoreError> {
        let bounds = Bounds::from(reach.done());
        sqlx::query_as!(
            Row,
            r#"SELECT o.id, o.kind, o.state, o.tenant_id, o.subject, o.intent, n.name AS "node?", o.steps, o.facts, o.parent_id, o.requested_by,
                    o.failure_code, o.failure_detail, o.request_hash, o.created_at, o.started_at, o.finished_at
             FROM operation o LEFT JOIN node n ON n.id = o.node_id WHERE ($1::text IS NULL OR o.subject = $1) AND ($2::uuid IS NULL OR o.parent_id = $2)
               AND ($4 OR EXISTS (SELECT FROM tenant t
                 WHERE t.id = o.tenant_id AND ($5 OR t.organization_id = ANY($6)) AND ($7::uuid[] IS NULL OR t.id = ANY($7))))
             ORDER BY o.created_at DESC, o.id DESC LIMIT $3"#,
            subject,
            parent.map(OperationId::uuid),
            limit,
            reach.done().is_everything(),
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(OperationRecord::try_from)
        .collect()
    }
}

/// How the parts of an operation stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Not ended yet.
    pub open: i64,
    /// Done.
    pub succeeded: i64,
    /// Failed, and undone.
    pub failed: i64,
}

impl Scoped {
    /// How many operations have not ended.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_operations(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM operation WHERE state IN ('queued', 'running')"#
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The newest operation of this kind on each tenant that has one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn newest_of_kind(&self, kind: OperationKind) -> Result<Vec<OperationRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            r#"SELECT DISTINCT ON (o.tenant_id) o.id, o.kind, o.state, o.tenant_id, o.subject, o.intent,
                    n.name AS "node?", o.steps, o.facts, o.parent_id, o.requested_by,
                    o.failure_code, o.failure_detail, o.request_hash, o.created_at, o.started_at, o.finished_at
             FROM operation o LEFT JOIN node n ON n.id = o.node_id WHERE o.kind = $1 AND o.tenant_id IS NOT NULL
             ORDER BY o.tenant_id, o.created_at DESC"#,
            kind.as_str(),
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(OperationRecord::try_from)
        .collect()
    }
}

async fn parts(executor: impl PgExecutor<'_>, operation: OperationId) -> Result<Parts, StoreError> {
    Ok(sqlx::query_as!(
        Parts,
        r#"SELECT count(*) FILTER (WHERE state IN ('queued', 'running')) AS "open!",
                  count(*) FILTER (WHERE state = 'succeeded') AS "succeeded!",
                  count(*) FILTER (WHERE state = 'failed') AS "failed!"
           FROM operation WHERE parent_id = $1"#,
        operation.uuid()
    )
    .fetch_one(executor)
    .await?)
}

async fn find(executor: impl PgExecutor<'_>, id: OperationId) -> Result<Option<OperationRecord>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT o.id, o.kind, o.state, o.tenant_id, o.subject, o.intent, n.name AS "node?", o.steps, o.facts, o.parent_id, o.requested_by,
                    o.failure_code, o.failure_detail, o.request_hash, o.created_at, o.started_at, o.finished_at
             FROM operation o LEFT JOIN node n ON n.id = o.node_id WHERE o.id = $1"#,
        id.uuid()
    )
    .fetch_optional(executor)
    .await?
    .map(OperationRecord::try_from)
    .transpose()
}

impl Unit {
    /// The operation of this identity, as this unit sees it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn operation(&mut self, id: OperationId) -> Result<Option<OperationRecord>, StoreError> {
        find(&mut *self.transaction, id).await
    }

    /// Writes down an operation, asked for by this unit's actor.
    ///
    /// # Errors
    /// [`crate::Conflict::IdempotencyKey`] when the key was used before.
    pub async fn insert_operation(&mut self, operation: NewOperation<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO operation (id, kind, state, tenant_id, subject, intent, node_id, requested_by, idempotency_key,
                                    request_hash, created_at, parent_id)
             VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            operation.id.uuid(),
            operation.kind.as_str(),
            operation.tenant.map(TenantId::uuid),
            operation.subject,
            operation.intent,
            operation.node.map(NodeId::uuid),
            self.behalf.to_string(),
            operation.idempotency_key,
            operation.request_hash,
            operation.now.to_sqlx() as _,
            operation.parent.map(OperationId::uuid),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes down the steps of an operation that is under way.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn record_steps(&mut self, id: OperationId, steps: &[OperationStep]) -> Result<(), StoreError> {
        let steps = serde_json::to_value(steps).map_err(|_| StoreError::Corrupt {
            column: "operation.steps",
        })?;
        sqlx::query!(
            "UPDATE operation SET steps = $2 WHERE id = $1 AND state = 'running'",
            id.uuid(),
            steps
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Holds an operation's row until the unit ends, so that of its parts one after the other looks at all of them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn hold_operation(&mut self, id: OperationId) -> Result<(), StoreError> {
        sqlx::query!("SELECT id FROM operation WHERE id = $1 FOR UPDATE", id.uuid())
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// How the parts of an operation stand, as this unit sees them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn parts(&mut self, operation: OperationId) -> Result<Parts, StoreError> {
        parts(&mut *self.transaction, operation).await
    }

    /// Writes down what an operation found out.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn record_facts(&mut self, id: OperationId, facts: &Value) -> Result<(), StoreError> {
        sqlx::query!("UPDATE operation SET facts = $2 WHERE id = $1", id.uuid(), facts)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Ends an operation that has not ended.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has.
    pub async fn finish_operation(
        &mut self,
        id: OperationId,
        failure: Option<&Failure>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE operation SET state = $2, failure_code = $3, failure_detail = $4, finished_at = $5,
                    started_at = coalesce(started_at, $5)
             WHERE id = $1 AND state IN ('queued', 'running')",
            id.uuid(),
            if failure.is_some() { "failed" } else { "succeeded" },
            failure.map(|failure| failure.code.as_str()),
            failure.map(|failure| failure.detail.as_str()),
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
