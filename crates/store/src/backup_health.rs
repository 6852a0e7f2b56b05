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
    /// Tenants of which a backup is expected.
    pub tenants: i64,
    /// Tenants of these without a fresh one.
    pub unguarded: i64,
    /// Tenants that, as they or their plans say, are backed up by the clock.
    pub asked: i64,
    /// Tenants that, as they or their plans say, are not.
    pub left_out: i64,
    /// Backups that are whole.
    pub kept: i64,
    /// Bytes that all of them added to their stores.
    pub bytes: i64,
    /// Backups that were found damaged.
    pub damaged: i64,
    /// Tenants of which one was restored for proof since then.
    pub proven: i64,
}

/// Which backups are fresh. Of a tenant of which, as it or its plan says, none are taken by the clock, nothing is expected.
#[derive(Debug, Clone, Copy)]
pub struct FreshRule {
    /// The moment from which is counted.
    pub now: Timestamp,
    /// How old one may be, in seconds, where neither the tenant nor its plan says how often: a period and a half where one does.
    pub usual: f64,
}

impl Scoped {
    /// Tenants that have no fresh backup and were there when one would have been; those without any first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn unguarded(&self, rule: FreshRule, limit: i64) -> Result<Vec<Unguarded>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT t.subdomain, k.kept_at AS "kept_at?", f.failure AS "failure?", f.failure_code AS "failure_code?"
               FROM tenant t JOIN plan p ON p.name = t.plan
               LEFT JOIN LATERAL (SELECT max(begun_at) AS kept_at FROM backup WHERE tenant_id = t.id AND state = 'kept') k ON true
               LEFT JOIN LATERAL (SELECT failure, failure_code FROM backup WHERE tenant_id = t.id AND state = 'failed'
                   AND (k.kept_at IS NULL OR begun_at > k.kept_at) ORDER BY begun_at DESC LIMIT 1) f ON true
               WHERE t.state IN ('active', 'paused', 'suspended') AND coalesce(t.backup_every_hours, p.backup_every_hours, 1) > 0
                 AND coalesce(k.kept_at, t.created_at)
                     < $1::timestamptz - make_interval(secs => coalesce(coalesce(t.backup_every_hours, p.backup_every_hours) * 5400::float8, $2))
               ORDER BY k.kept_at NULLS FIRST, t.subdomain LIMIT $3"#,
            rule.now.to_sqlx() as _,
            rule.usual,
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

    /// How backups stand: which are fresh, and which were proven since then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_sum(&self, rule: FreshRule, proven: Timestamp) -> Result<BackupSum, StoreError> {
        let row = sqlx::query_as!(
            BackupSum,
            r#"WITH newest AS (SELECT tenant_id, max(begun_at) AS begun_at FROM backup WHERE state = 'kept' GROUP BY tenant_id),
               told AS (
                   SELECT coalesce(t.backup_every_hours, p.backup_every_hours) AS hours, coalesce(n.begun_at, t.created_at) AS last_at
                   FROM tenant t JOIN plan p ON p.name = t.plan LEFT JOIN newest n ON n.tenant_id = t.id
                   WHERE t.state IN ('active', 'paused', 'suspended')),
               guarded AS (
                   SELECT count(*) FILTER (WHERE coalesce(hours, 1) > 0) AS tenants,
                          count(*) FILTER (WHERE coalesce(hours, 1) > 0
                              AND last_at < $1::timestamptz - make_interval(secs => coalesce(hours * 5400::float8, $2))) AS unguarded,
                          count(*) FILTER (WHERE hours > 0) AS asked, count(*) FILTER (WHERE hours = 0) AS left_out
                   FROM told)
               SELECT g.tenants AS "tenants!", g.unguarded AS "unguarded!", g.asked AS "asked!", g.left_out AS "left_out!",
                      count(*) FILTER (WHERE b.state = 'kept') AS "kept!",
                      coalesce(sum((b.kept ->> 'stored_bytes')::bigint), 0)::bigint AS "bytes!",
                      count(*) FILTER (WHERE b.state = 'damaged') AS "damaged!",
                      count(DISTINCT b.tenant_id) FILTER (WHERE b.proven_at >= $3 AND b.proven ->> 'rows' IS NOT NULL) AS "proven!"
               FROM guarded g LEFT JOIN backup b ON b.state IN ('kept', 'damaged') GROUP BY g.tenants, g.unguarded, g.asked, g.left_out"#,
            rule.now.to_sqlx() as _,
            rule.usual,
            proven.to_sqlx() as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(row)
    }
}
