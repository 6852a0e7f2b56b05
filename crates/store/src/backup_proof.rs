//! Proofs of backups: which are due, and what they found.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{BackupId, NodeId, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;
use wire::backup::Proven;

/// How many proofs are wanted, and of which nodes.
#[derive(Debug, Clone, Copy)]
pub struct ToProve {
    /// The moment.
    pub now: Timestamp,
    /// From when proofs count against a node's budget.
    pub since: Timestamp,
    /// That budget.
    pub most: i64,
    /// When a node that is there was last heard of at the latest.
    pub seen_since: Timestamp,
    /// At most so many.
    pub limit: i64,
}

/// A backup to be looked at, whose it is, and the node that does it.
struct ToLookAt {
    id: Uuid,
    tenant_id: Uuid,
    node_id: Uuid,
}

impl ToLookAt {
    fn told(self) -> (BackupId, TenantId, NodeId) {
        (
            BackupId::from_uuid(self.id),
            TenantId::from_uuid(self.tenant_id),
            NodeId::from_uuid(self.node_id),
        )
    }
}

impl Scoped {
    /// Of each tenant the newest whole backup in each store that was never restored for proof, with the node that can do it: a folder's
    /// own, or the tenant's. Those come first of whose tenant none in this store was looked at for longest, however that ended. None
    /// is of a node that is not there to do it, where one is looked at now, or where this many were since then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backups_to_prove(
        &self,
        wanted: &ToProve,
    ) -> Result<Vec<(BackupId, TenantId, NodeId)>, StoreError> {
        let rows = sqlx::query_as!(
            ToLookAt,
            r#"WITH newest AS (
                 SELECT DISTINCT ON (b.tenant_id, b.store_id) b.id, b.tenant_id, b.store_id, b.proven,
                        CASE WHEN s.access ->> 'kind' = 'folder' THEN b.node_id ELSE t.node_id END AS node_id
                 FROM backup b JOIN tenant t ON t.id = b.tenant_id JOIN backup_store s ON s.id = b.store_id
                 WHERE b.state = 'kept' AND t.switch <> 'stopped' AND b.begun_at < $4::timestamptz + interval '5 minutes'
                 ORDER BY b.tenant_id, b.store_id, b.begun_at DESC),
             tried AS (
                 SELECT tenant_id, store_id, max(looked_at) AS at FROM backup GROUP BY tenant_id, store_id),
             done AS (
                 SELECT o.node_id, count(*) FILTER (WHERE o.requested_by = 'system') AS count,
                        bool_or(o.finished_at IS NULL AND coalesce(t.switch, 'active') <> 'stopped') AS under_way
                 FROM operation o LEFT JOIN tenant t ON t.id = o.tenant_id
                 WHERE o.kind = 'backup.verify' AND (o.created_at >= $1 OR o.finished_at IS NULL) GROUP BY o.node_id)
             SELECT DISTINCT ON (newest.node_id) newest.id, newest.tenant_id, newest.node_id AS "node_id!"
             FROM newest JOIN node n ON n.id = newest.node_id
             LEFT JOIN done ON done.node_id = newest.node_id LEFT JOIN tried USING (tenant_id, store_id)
             WHERE newest.proven ->> 'rows' IS NULL AND coalesce(done.count, 0) < $2 AND NOT coalesce(done.under_way, false)
               AND n.removed_at IS NULL AND n.mode <> 'stopped' AND n.last_seen_at > $5
             ORDER BY newest.node_id, tried.at NULLS FIRST
             LIMIT $3"#,
            wanted.since.to_sqlx() as _,
            wanted.most,
            wanted.limit,
            wanted.now.to_sqlx() as _,
            wanted.seen_since.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(ToLookAt::told).collect())
    }
}

impl Unit {
    /// The backup was looked at and is whole; or what is wrong with it. That it was restored for proof is worth more than that it was
    /// read, and stays.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_proven(
        &mut self,
        id: BackupId,
        found: Result<&Proven, (&str, &str)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (proven, code, damage) = match found {
            Ok(proven) => (serde_json::to_value(proven).ok(), None, None),
            Err((code, damage)) => (None, Some(code), Some(damage)),
        };
        sqlx::query!(
            "UPDATE backup SET state = CASE WHEN $2::text IS NULL THEN 'kept' ELSE 'damaged' END, failure = $2, failure_code = $5,
                 proven = CASE WHEN is_less THEN proven ELSE coalesce($3, proven) END,
                 proven_at = CASE WHEN $2::text IS NULL AND NOT is_less THEN $4 ELSE proven_at END,
                 damaged_at = CASE WHEN $2::text IS NULL THEN NULL ELSE $4 END
             FROM (SELECT $3::jsonb ->> 'rows' IS NULL AND proven ->> 'rows' IS NOT NULL AS is_less FROM backup WHERE id = $1) before
             WHERE id = $1 AND state IN ('kept', 'damaged')",
            id.uuid(),
            damage,
            proven,
            now.to_sqlx() as _,
            code,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The backup could not be restored for proof, which says nothing of it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_not_proven(
        &mut self,
        id: BackupId,
        (code, why): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE backup SET not_proven_at = $2, not_proven_code = $3, not_proven = $4 WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _,
            code,
            why,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The whole backups that were taken next before and next after this one into the same store, but for those that were found
    /// whole since then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn neighbours_of_backup(
        &mut self,
        id: BackupId,
        since: Timestamp,
    ) -> Result<Vec<(BackupId, TenantId, NodeId)>, StoreError> {
        let rows = sqlx::query_as!(
            ToLookAt,
            r#"WITH this AS (SELECT tenant_id, store_id, begun_at FROM backup WHERE id = $1),
               whole AS (SELECT b.id, b.tenant_id, b.node_id, b.begun_at, b.looked_at, this.begun_at AS at
                   FROM backup b JOIN this USING (tenant_id, store_id) WHERE b.state = 'kept'),
               next AS ((SELECT * FROM whole WHERE begun_at < at ORDER BY begun_at DESC LIMIT 1)
                   UNION ALL (SELECT * FROM whole WHERE begun_at > at ORDER BY begun_at LIMIT 1))
               SELECT id AS "id!", tenant_id AS "tenant_id!", node_id AS "node_id!" FROM next
               WHERE looked_at IS NULL OR looked_at < $2 ORDER BY begun_at"#,
            id.uuid(),
            since.to_sqlx() as _,
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        Ok(rows.into_iter().map(ToLookAt::told).collect())
    }

    /// Notes that somebody begins to look at a backup.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_is_looked_at(&mut self, id: BackupId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE backup SET looked_at = $2 WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
