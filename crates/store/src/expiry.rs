//! When tenants' time ends: set, counted, and whose end the clock has reached.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use domain::{DatabaseName, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

impl Scoped {
    /// Tenants whose end is over and was not kept yet, with nothing under way, at most `limit`; those that changed longest
    /// ago first, so that one that cannot be suspended does not hold up the others.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn expired(&self, now: Timestamp, limit: i64) -> Result<Vec<DatabaseName>, StoreError> {
        sqlx::query_scalar!(
            "SELECT t.database_name FROM tenant t JOIN node n ON n.id = t.node_id AND n.mode IN ('active', 'draining')
             WHERE t.expires_at <= $1 AND t.expires_at IS DISTINCT FROM t.expiry_kept
               AND t.state IN ('active', 'paused', 'suspended') AND t.operation_id IS NULL AND t.switch = 'active'
               AND NOT EXISTS (SELECT FROM suspension s WHERE s.tenant_id = t.id AND s.reason = 'expired')
             ORDER BY t.updated_at LIMIT $2",
            now.to_sqlx() as _,
            limit,
        )
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|name| read("tenant.database_name", name))
        .collect()
    }

    /// Tenants that are suspended for an end that is none any more, with nothing under way, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn expired_no_more(&self, now: Timestamp, limit: i64) -> Result<Vec<DatabaseName>, StoreError> {
        sqlx::query_scalar!(
            "SELECT t.database_name FROM tenant t JOIN node n ON n.id = t.node_id AND n.mode IN ('active', 'draining')
             JOIN suspension s ON s.tenant_id = t.id AND s.reason = 'expired'
             WHERE (t.expires_at IS NULL OR t.expires_at > $1)
               AND t.state = 'suspended' AND t.operation_id IS NULL AND t.switch = 'active'
             ORDER BY t.updated_at LIMIT $2",
            now.to_sqlx() as _,
            limit,
        )
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|name| read("tenant.database_name", name))
        .collect()
    }

    /// How many tenants there are whose time ends in this span.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn expiring(&self, after: Timestamp, until: Timestamp) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM tenant WHERE expires_at > $1 AND expires_at <= $2 AND state <> 'deleted'"#,
            after.to_sqlx() as _,
            until.to_sqlx() as _,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

impl Unit {
    /// Sets when a tenant's time ends; nothing is never.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_expiry(
        &mut self,
        tenant: TenantId,
        at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET expires_at = $2, updated_at = $3 WHERE id = $1",
            tenant.uuid(),
            at.map(|at| at.to_sqlx()) as _,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that the tenant is suspended for the end that was there when that was decided.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_expiry(&mut self, tenant: TenantId, end: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tenant SET expiry_kept = $2 WHERE id = $1",
            tenant.uuid(),
            end.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
