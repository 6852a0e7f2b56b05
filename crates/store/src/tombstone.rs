//! Tombstones whose time is over.

use crate::error::{StoreError, read};
use crate::scope::Scoped;
use domain::{DatabaseName, NodeId, NodeName};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// A tombstone whose time is over.
#[derive(Debug, Clone)]
pub struct DueTombstone {
    /// Its database when it lived.
    pub database: DatabaseName,
    /// Its node.
    pub node: NodeId,
    /// The node's name.
    pub node_name: NodeName,
    /// When its time was over.
    pub purge_after: Timestamp,
    /// Whether a backup was taken of it since it was deleted.
    pub has_final: bool,
}

impl Scoped {
    /// Tombstones whose time is over, with nothing under way, at most `limit`; those tried longest ago first, so
    /// that one that cannot be purged does not hold up the others.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tombstones_due(&self, now: Timestamp, limit: i64) -> Result<Vec<DueTombstone>, StoreError> {
        sqlx::query!(
            r#"SELECT t.database_name, t.node_id, n.name AS node_name, t.purge_after AS "purge_after!",
                      EXISTS (SELECT FROM backup b WHERE b.tenant_id = t.id AND b.kind = 'final' AND b.state = 'kept'
                              AND b.begun_at >= t.deleted_at) AS "has_final!"
               FROM tenant t JOIN node n ON n.id = t.node_id AND n.mode IN ('active', 'draining')
               WHERE state = 'deleted' AND purge_after <= $1 AND operation_id IS NULL AND t.switch = 'active'
               ORDER BY updated_at LIMIT $2"#,
            now.to_sqlx() as _,
            limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(|row| {
            Ok(DueTombstone {
                database: read("tenant.database_name", &row.database_name)?,
                node: NodeId::from_uuid(row.node_id),
                node_name: read("node.name", &row.node_name)?,
                purge_after: row.purge_after.to_jiff(),
                has_final: row.has_final,
            })
        })
        .collect()
    }
}
