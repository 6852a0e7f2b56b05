//! What is left of a node that is taken out: its credentials, so that it can be told; and what goes with a lost one.

use crate::error::{StoreError, read};
use crate::scope::Unit;
use domain::{NodeId, OperationId, Subdomain};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

impl Unit {
    /// When the node was last heard of; when it enrolled, if that was the last time.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn node_heard_at(&mut self, id: NodeId) -> Result<Timestamp, StoreError> {
        let at = sqlx::query_scalar!(
            r#"SELECT greatest(last_seen_at, enrolled_at) AS "at!: jiff_sqlx::Timestamp" FROM node WHERE id = $1"#,
            id.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(at.to_jiff())
    }

    /// Keeps the node's credentials among those of nodes that were taken out.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_removed_credentials(&mut self, id: NodeId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO removed_credential (hash, node_id, removed_at)
             SELECT hash, id, $2 FROM node, unnest(ARRAY[credential_hash, next_credential_hash]) AS hash
             WHERE id = $1 AND hash IS NOT NULL ON CONFLICT DO NOTHING",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The tenants of a node, tombstones among them, by name; held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_tenants_of(&mut self, id: NodeId) -> Result<Vec<Subdomain>, StoreError> {
        sqlx::query_scalar!(
            "SELECT subdomain FROM tenant WHERE node_id = $1 ORDER BY subdomain FOR UPDATE",
            id.uuid()
        )
        .fetch_all(&mut *self.transaction)
        .await?
        .iter()
        .map(|name| read("tenant.subdomain", name))
        .collect()
    }

    /// Forgets the tenants of a node with their names, and takes back what the node was to do.
    /// Gives the operations that were under way on it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_tenants_of(
        &mut self,
        id: NodeId,
        now: Timestamp,
    ) -> Result<Vec<OperationId>, StoreError> {
        sqlx::query!(
            "UPDATE node_command SET state = 'done', finished_at = $2, sealed = NULL WHERE node_id = $1 AND state <> 'done'",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        self.give_copies_up(id).await?;
        sqlx::query!("DELETE FROM tenant WHERE node_id = $1", id.uuid())
            .execute(&mut *self.transaction)
            .await?;
        let open = sqlx::query_scalar!(
            "SELECT id FROM operation WHERE node_id = $1 AND state IN ('queued', 'running') ORDER BY id FOR UPDATE",
            id.uuid()
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        Ok(open.into_iter().map(OperationId::from_uuid).collect())
    }
}
