//! Whether every tenant has a fresh backup.

use crate::error::StoreError;
use crate::scope::Scoped;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// A tenant without a fresh backup.
#[derive(Debug, Clone)]
pub struct Unguarded {
    /// Its name.
    pub subdomain: String,
    /// When the newest that is whole was begun; nothing if there is none.
    pub kept_at: Option<Timestamp>,
    /// Why the last try failed, if it came after that.
    pub failure: Option<String>,
    /// The same as a stable word.
    pub failure_code: Option<String>,
}

/// How backups stand in all.
#[derive(Debug, Clone, Copy, Default)]
pub struct BackupSum {
    /// Tenants that are backed up by the clock.
    pub tenants: i64,
    /// Tenants of these without a fresh one.
    pub unguarded: i64,
    /// Backups that are whole.
    pub kept: i64,
    /// Bytes that all of them added to their stores.
    pub bytes: i64,
    /// Backups that were found damaged.
    pub damaged: i64,
    /// Tenants of which one was restored for proof since then.
    pub proven: i64,
}

impl Scoped {
    /// Tenants that have no whole backup that was begun since then, and were there then; those without any first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn unguarded(&self, since: Timestamp, limit: i64) -> Result<Vec<Unguarded>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT t.subdomain, k.kept_at AS "kept_at?", f.failure AS "failure?", f.failure_code AS "failure_code?"
               FROM tenant t
               LEFT JOIN LATERAL (SELECT max(begun_at) AS kept_at FROM backup WHERE tenant_id = t.id AND state = 'kept') k ON true
               LEFT JOIN LATERAL (SELECT failure, failure_code FROM backup WHERE tenant_id = t.id AND state = 'failed'
                   AND (k.kept_at IS NULL OR begun_at > k.kept_at) ORDER BY begun_at DESC LIMIT 1) f ON true
               WHERE t.state IN ('active', 'paused', 'suspended') AND coalesce(k.kept_at, t.created_at) < $1
               ORDER BY k.kept_at NULLS FIRST, t.subdomain LIMIT $2"#,
            since.to_sqlx() as _,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let found = rows.into_iter().map(|row| Unguarded {
            subdomain: row.subdomain,
            kept_at: row.kept_at.map(jiff_sqlx::Timestamp::to_jiff),
            failure: row.failure,
            failure_code: row.failure_code,
        });
        Ok(found.collect())
    }

    /// How backups stand: which are fresh, and were proven, since then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_sum(&self, fresh: Timestamp, proven: Timestamp) -> Result<BackupSum, StoreError> {
        let row = sqlx::query_as!(
            BackupSum,
            r#"WITH newest AS (SELECT tenant_id, max(begun_at) AS begun_at FROM backup WHERE state = 'kept' GROUP BY tenant_id),
               guarded AS (
                   SELECT count(*) AS tenants,
                          count(*) FILTER (WHERE coalesce(n.begun_at, t.created_at) < $1) AS unguarded
                   FROM tenant t LEFT JOIN newest n ON n.tenant_id = t.id WHERE t.state IN ('active', 'paused', 'suspended'))
               SELECT g.tenants AS "tenants!", g.unguarded AS "unguarded!",
                      count(*) FILTER (WHERE b.state = 'kept') AS "kept!",
                      coalesce(sum((b.kept ->> 'stored_bytes')::bigint), 0)::bigint AS "bytes!",
                      count(*) FILTER (WHERE b.state = 'damaged') AS "damaged!",
                      count(DISTINCT b.tenant_id) FILTER (WHERE b.proven_at >= $2 AND b.proven ->> 'rows' IS NOT NULL) AS "proven!"
               FROM guarded g LEFT JOIN backup b ON b.state IN ('kept', 'damaged') GROUP BY g.tenants, g.unguarded"#,
            fresh.to_sqlx() as _,
            proven.to_sqlx() as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(row)
    }
}
