//! Backups: which there are, how they stand, which are due.

use crate::error::{StoreError, read};
use crate::scope::{Bounds, Scoped, Unit};
use domain::{
    BackupId, BackupKind, BackupState, DatabaseName, NodeId, NodeName, OperationId, OrganizationId, Reach,
    Subdomain, TenantId,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;
use wire::backup::{Kept, Proven};

/// A backup.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct BackupRecord {
    pub id: BackupId,
    pub tenant: TenantId,
    /// Whose the tenant is; of one that is gone, whose it was then.
    pub organization: Option<OrganizationId>,
    pub subdomain: Subdomain,
    pub database: DatabaseName,
    pub store: Uuid,
    pub store_name: String,
    pub node: NodeId,
    pub node_name: NodeName,
    pub kind: BackupKind,
    pub state: BackupState,
    pub asked_by: String,
    pub operation: OperationId,
    pub begun_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub kept: Option<Kept>,
    pub failure: Option<String>,
    pub failure_code: Option<String>,
    pub is_held: bool,
    pub in_use_until: Option<Timestamp>,
    pub proven_at: Option<Timestamp>,
    pub proven: Option<Proven>,
}

/// A backup that begins.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewBackup<'a> {
    pub id: BackupId,
    pub tenant: TenantId,
    pub organization: Option<OrganizationId>,
    pub subdomain: &'a Subdomain,
    pub store: Uuid,
    pub node: NodeId,
    pub kind: BackupKind,
    pub asked_by: &'a str,
    pub operation: OperationId,
    pub now: Timestamp,
}

/// Which backups somebody wants to see, newest first.
#[derive(Debug, Clone, Default)]
pub struct BackupFilter {
    /// Of the tenant of this name, now or then.
    pub subdomain: Option<Subdomain>,
    /// In this state.
    pub state: Option<BackupState>,
    /// In the store of this name.
    pub store: Option<String>,
    /// Begun before this one.
    pub before: Option<BackupId>,
    /// Only this one.
    pub id: Option<BackupId>,
    /// At most so many.
    pub limit: i64,
}

struct Row {
    id: Uuid,
    tenant_id: Uuid,
    organization_id: Option<Uuid>,
    subdomain: String,
    database_name: String,
    store_id: Uuid,
    store_name: String,
    node_id: Uuid,
    node_name: String,
    kind: String,
    state: String,
    asked_by: String,
    operation_id: Uuid,
    begun_at: jiff_sqlx::Timestamp,
    ended_at: Option<jiff_sqlx::Timestamp>,
    kept: Option<serde_json::Value>,
    failure: Option<String>,
    failure_code: Option<String>,
    is_held: bool,
    in_use_until: Option<jiff_sqlx::Timestamp>,
    proven_at: Option<jiff_sqlx::Timestamp>,
    proven: Option<serde_json::Value>,
}

impl TryFrom<Row> for BackupRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| move |_| StoreError::Corrupt { column };
        Ok(Self {
            id: BackupId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            organization: row.organization_id.map(OrganizationId::from_uuid),
            subdomain: read("backup.subdomain", &row.subdomain)?,
            database: read("backup.database_name", &row.database_name)?,
            store: row.store_id,
            store_name: row.store_name,
            node: NodeId::from_uuid(row.node_id),
            node_name: read("node.name", &row.node_name)?,
            kind: read("backup.kind", &row.kind)?,
            state: read("backup.state", &row.state)?,
            asked_by: row.asked_by,
            operation: OperationId::from_uuid(row.operation_id),
            begun_at: row.begun_at.to_jiff(),
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            kept: row
                .kept
                .map(serde_json::from_value)
                .transpose()
                .map_err(corrupt("backup.kept"))?,
            failure: row.failure,
            failure_code: row.failure_code,
            is_held: row.is_held,
            in_use_until: row.in_use_until.map(jiff_sqlx::Timestamp::to_jiff),
            proven_at: row.proven_at.map(jiff_sqlx::Timestamp::to_jiff),
            proven: row
                .proven
                .map(serde_json::from_value)
                .transpose()
                .map_err(corrupt("backup.proven"))?,
        })
    }
}

impl Scoped {
    /// The backups that may be seen.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backups(
        &self,
        reach: &Reach,
        filter: &BackupFilter,
    ) -> Result<Vec<BackupRecord>, StoreError> {
        let bounds = Bounds::from(reach.seen());
        sqlx::query_as!(
            Row,
            "SELECT b.id, b.tenant_id, CASE WHEN t.id IS NULL THEN b.organization_id ELSE t.organization_id END AS organization_id,
                    b.subdomain, b.database_name, b.store_id, s.name AS store_name, b.node_id,
                    n.name AS node_name, b.kind, b.state, b.asked_by, b.operation_id, b.begun_at, b.ended_at, b.kept, b.failure, b.failure_code,
                    b.is_held, b.in_use_until, b.proven_at, b.proven
             FROM backup b JOIN backup_store s ON s.id = b.store_id JOIN node n ON n.id = b.node_id
             LEFT JOIN tenant t ON t.id = b.tenant_id
             WHERE ($1::text IS NULL OR b.subdomain = $1 OR b.tenant_id = (SELECT id FROM tenant WHERE subdomain = $1))
               AND ($2::text IS NULL OR b.state = $2) AND ($3::text IS NULL OR s.name = $3)
               AND ($4::uuid IS NULL OR (b.begun_at, b.id) < (SELECT begun_at, id FROM backup WHERE id = $4))
               AND ($5::uuid IS NULL OR b.id = $5)
               AND ($6 OR (t.id IS NOT NULL AND ($7 OR t.organization_id = ANY($8)) AND ($9::uuid[] IS NULL OR t.id = ANY($9))))
             ORDER BY b.begun_at DESC, b.id DESC LIMIT $10",
            filter.subdomain.as_ref().map(Subdomain::as_str),
            filter.state.map(BackupState::as_str),
            filter.store,
            filter.before.map(BackupId::uuid),
            filter.id.map(BackupId::uuid),
            reach.seen().is_everything(),
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
            filter.limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(BackupRecord::try_from)
        .collect()
    }

    /// Tenants of which something failed or was forgotten and may lie in a store still, or that have a new whole one beside older ones,
    /// or several in a store whose rules were changed since `ruled`; and tenants of which one was asked for within this span; and
    /// tenants that are gone, all of whose backups were begun before `purged`.
    /// In no order, so that those that cannot be cleared hold up nobody for long.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants_to_prune(
        &self,
        (since, ruled): (Timestamp, Timestamp),
        purged: Timestamp,
        (asked_from, asked_to): (Timestamp, Timestamp),
    ) -> Result<Vec<TenantId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "SELECT b.tenant_id FROM backup b JOIN backup_store s ON s.id = b.store_id
             WHERE (b.state IN ('failed', 'forgotten') AND b.cleared_at IS NULL) OR b.state IN ('kept', 'damaged')
             GROUP BY b.tenant_id
             HAVING (count(*) FILTER (WHERE b.state = 'kept') > 1 AND max(b.ended_at) FILTER (WHERE b.state = 'kept') >= $1)
                 OR (count(*) FILTER (WHERE b.state = 'kept') > 1 AND bool_or(b.state = 'kept' AND b.kind IN ('manual', 'before')
                     AND b.begun_at >= $3 AND b.begun_at < $4))
                 OR bool_or(b.state IN ('failed', 'forgotten'))
                 OR count(*) FILTER (WHERE b.state = 'kept' AND s.retention_at >= $5) > 1
                 OR (max(b.begun_at) < $2 AND NOT bool_and(b.is_held)
                     AND NOT EXISTS (SELECT FROM tenant t WHERE t.id = b.tenant_id))
             ORDER BY random()",
            since.to_sqlx() as _,
            purged.to_sqlx() as _,
            asked_from.to_sqlx() as _,
            asked_to.to_sqlx() as _,
            ruled.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(TenantId::from_uuid).collect())
    }
}

impl Unit {
    /// The operations that take a backup of this tenant into this store because somebody asked for it, oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn manual_backups_under_way(
        &mut self,
        tenant: TenantId,
        store: Uuid,
    ) -> Result<Vec<OperationId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "SELECT b.operation_id FROM backup b JOIN operation o ON o.id = b.operation_id AND o.finished_at IS NULL
             WHERE b.tenant_id = $1 AND b.store_id = $2 AND b.state = 'taking' AND b.kind = 'manual' ORDER BY b.begun_at, b.id",
            tenant.uuid(),
            store,
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        Ok(rows.into_iter().map(OperationId::from_uuid).collect())
    }

    /// Writes down a backup that begins.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn begin_backup(&mut self, new: &NewBackup<'_>) -> Result<(), StoreError> {
        let database = new.subdomain.database();
        sqlx::query!(
            "INSERT INTO backup (id, tenant_id, organization_id, subdomain, database_name, store_id, node_id, kind, state, asked_by,
                 operation_id, begun_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'taking', $9, $10, $11)",
            new.id.uuid(),
            new.tenant.uuid(),
            new.organization.map(OrganizationId::uuid),
            new.subdomain.as_str(),
            database.as_str(),
            new.store,
            new.node.uuid(),
            new.kind.as_str(),
            new.asked_by,
            new.operation.uuid(),
            new.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The backup is taken on this node, to which its tenant may have moved since it was begun.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_goes_to(&mut self, id: BackupId, node: NodeId) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE backup SET node_id = $2 WHERE id = $1 AND state = 'taking'",
            id.uuid(),
            node.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The backup is whole.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_kept(&mut self, id: BackupId, kept: &Kept, now: Timestamp) -> Result<(), StoreError> {
        let kept = serde_json::to_value(kept).map_err(|_| StoreError::Corrupt {
            column: "backup.kept",
        })?;
        sqlx::query!(
            "UPDATE backup SET state = 'kept', kept = $2, ended_at = $3 WHERE id = $1 AND state = 'taking'",
            id.uuid(),
            kept,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The backups that this operation was to take did not come to be.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backups_failed(
        &mut self,
        operation: OperationId,
        (code, why): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE backup SET state = 'failed', failure_code = $2, failure = $3, ended_at = $4 WHERE operation_id = $1 AND state = 'taking'",
            operation.uuid(),
            code,
            why,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// All backups of a tenant in a store that are, or may be, there; their rows held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_backups(&mut self, tenant: TenantId) -> Result<Vec<BackupRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT b.id, b.tenant_id, CASE WHEN t.id IS NULL THEN b.organization_id ELSE t.organization_id END AS organization_id,
                    b.subdomain, b.database_name, b.store_id, s.name AS store_name, b.node_id,
                    n.name AS node_name, b.kind, b.state, b.asked_by, b.operation_id, b.begun_at, b.ended_at, b.kept, b.failure, b.failure_code,
                    b.is_held, b.in_use_until, b.proven_at, b.proven
             FROM backup b JOIN backup_store s ON s.id = b.store_id JOIN node n ON n.id = b.node_id
             LEFT JOIN tenant t ON t.id = b.tenant_id
             WHERE b.tenant_id = $1 AND (b.state IN ('taking', 'kept', 'damaged') OR b.cleared_at IS NULL)
             ORDER BY b.begun_at DESC, b.id DESC FOR UPDATE OF b",
            tenant.uuid(),
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .into_iter()
        .map(BackupRecord::try_from)
        .collect()
    }

    /// Nothing can be restored from these any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_backups(&mut self, ids: &[BackupId], now: Timestamp) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        sqlx::query!(
            "UPDATE backup SET state = 'forgotten', ended_at = coalesce(ended_at, $2) WHERE id = ANY($1)",
            &ids,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Nothing of the tenant's failed and forgotten backups of before is in this store any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backups_cleared(
        &mut self,
        tenant: TenantId,
        store: Uuid,
        ids: &[BackupId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        sqlx::query!(
            "UPDATE backup SET cleared_at = $4
             WHERE tenant_id = $1 AND store_id = $2 AND id = ANY($3) AND state IN ('failed', 'forgotten')",
            tenant.uuid(),
            store,
            &ids,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Has a backup stay, or not; and stay until then in any case.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn hold_backup(
        &mut self,
        id: BackupId,
        is_held: Option<bool>,
        in_use_until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE backup SET is_held = coalesce($2, is_held), in_use_until = greatest(in_use_until, $3) WHERE id = $1",
            id.uuid(),
            is_held,
            in_use_until.map(ToSqlx::to_sqlx) as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The newest whole backup of a tenant in a store that another can build upon, on a node where that matters: not one that was
    /// taken before damage was found there, for it may share what is damaged.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn newest_backup(
        &mut self,
        tenant: TenantId,
        store: Uuid,
        node: Option<NodeId>,
    ) -> Result<Option<BackupId>, StoreError> {
        let id = sqlx::query_scalar!(
            "SELECT id FROM backup WHERE tenant_id = $1 AND store_id = $2 AND state = 'kept' AND ($3::uuid IS NULL OR node_id = $3)
               AND begun_at > coalesce((SELECT max(damaged_at) FROM backup WHERE tenant_id = $1 AND store_id = $2), '-infinity')
             ORDER BY begun_at DESC, id DESC LIMIT 1",
            tenant.uuid(),
            store,
            node.map(NodeId::uuid),
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(id.map(BackupId::from_uuid))
    }

    /// The backup that this operation takes.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_of_operation(
        &mut self,
        operation: OperationId,
    ) -> Result<Option<BackupId>, StoreError> {
        let id = sqlx::query_scalar!("SELECT id FROM backup WHERE operation_id = $1", operation.uuid());
        let id = id.fetch_optional(&mut *self.transaction).await?;
        Ok(id.map(BackupId::from_uuid))
    }

    /// The node that reads and clears what a tenant has in a bucket: of those that are there its own first, then the one that did it
    /// before. If none is there, one of the others, which may come back.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_for_bucket(
        &mut self,
        tenant: TenantId,
        before: NodeId,
        seen_since: Timestamp,
    ) -> Result<Option<NodeId>, StoreError> {
        let id = sqlx::query_scalar!(
            "SELECT n.id FROM node n LEFT JOIN tenant t ON t.id = $1 AND t.node_id = n.id WHERE n.removed_at IS NULL
             ORDER BY n.mode <> 'stopped' AND coalesce(n.last_seen_at > $3, false) DESC, t.id IS NOT NULL DESC, n.id = $2 DESC, n.name
             LIMIT 1",
            tenant.uuid(),
            before.uuid(),
            seen_since.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(id.map(NodeId::from_uuid))
    }

    /// What lay in the folders of a node that is taken out is gone with it, and what was being taken there does not come to be.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_backups_of_node(
        &mut self,
        id: NodeId,
        (code, why): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE backup b SET state = CASE WHEN b.state IN ('taking', 'failed') THEN 'failed' ELSE 'forgotten' END,
                 failure_code = CASE WHEN b.state = 'forgotten' THEN b.failure_code ELSE coalesce(b.failure_code, $2) END,
                 failure = CASE WHEN b.state = 'forgotten' THEN b.failure ELSE coalesce(b.failure, $3) END,
                 ended_at = coalesce(b.ended_at, $4),
                 cleared_at = CASE WHEN s.access ->> 'kind' = 'folder' THEN coalesce(b.cleared_at, $4) ELSE b.cleared_at END
             FROM backup_store s
             WHERE s.id = b.store_id AND b.node_id = $1 AND b.cleared_at IS NULL
               AND (b.state = 'taking' OR s.access ->> 'kind' = 'folder')",
            id.uuid(),
            code,
            why,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Whether a tenant is there, in whatever state.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenant_exists(&mut self, id: TenantId) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM tenant WHERE id = $1) AS "there!""#,
            id.uuid()
        );
        Ok(found.fetch_one(&mut *self.transaction).await?)
    }

    /// Whether work of this key waits or is under way.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn is_work_open(&mut self, key: &str) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM job WHERE lock_key = $1 AND finished_at IS NULL) AS "open!""#,
            key
        );
        Ok(found.fetch_one(&mut *self.transaction).await?)
    }
}
