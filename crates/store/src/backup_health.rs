//! Whether every tenant has a fresh backup.

use crate::error::StoreError;
use crate::scope::Scoped;
use domain::BackupId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// A tenant without a fresh backup in a store.
#[derive(Debug, Clone)]
pub struct Unguarded {
    /// Its name.
    pub subdomain: String,
    /// The store in which it has none; nothing where no store is one that backups are taken into by the clock.
    pub store: Option<String>,
    /// When the newest that is whole was begun; nothing if there is none.
    pub kept_at: Option<Timestamp>,
    /// Why the last try failed, if it came after that.
    pub failure: Option<String>,
    /// The same as a stable word.
    pub failure_code: Option<String>,
}

/// A tenant whose newest backup in a store lacks more files than one before it.
#[derive(Debug, Clone)]
pub struct Incomplete {
    /// Its name.
    pub subdomain: String,
    /// That newest one.
    pub backup: BackupId,
    /// How many files it lacks that the database names.
    pub missing: i64,
    /// When the newest that lacks fewer was begun.
    pub better_at: Timestamp,
}

/// A tenant of which the last try to restore a backup for proof went wrong, though nothing says that the backup is not whole.
#[derive(Debug, Clone)]
pub struct Unproven {
    /// Its name.
    pub subdomain: String,
    /// The backup.
    pub backup: BackupId,
    /// When that was.
    pub failed_at: Timestamp,
    /// Why.
    pub failure: String,
    /// The same as a stable word.
    pub failure_code: String,
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
    /// Tenants that have no fresh backup in a store that backups are taken into by the clock, and were there when one would have
    /// been; those without any first. One that is elsewhere only does not count: that is what there are several stores for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn unguarded(&self, rule: FreshRule, limit: i64) -> Result<Vec<Unguarded>, StoreError> {
        let rows = sqlx::query!(
            r#"WITH told AS (
                   SELECT t.id, t.subdomain, t.created_at, coalesce(t.backup_every_hours, p.backup_every_hours) AS hours
                   FROM tenant t JOIN plan p ON p.name = t.plan WHERE t.state IN ('active', 'paused', 'suspended')),
               wanted AS (
                   SELECT told.*, s.id AS store_id, s.name AS store, greatest(told.created_at, s.created_at) AS since
                   FROM told JOIN backup_store s ON s.is_scheduled
                   UNION ALL SELECT told.*, NULL, NULL, told.created_at FROM told
                   WHERE NOT EXISTS (SELECT FROM backup_store WHERE is_scheduled))
               SELECT w.subdomain AS "subdomain!", w.store, k.kept_at AS "kept_at?", f.failure AS "failure?",
                      f.failure_code AS "failure_code?"
               FROM wanted w
               LEFT JOIN LATERAL (SELECT max(begun_at) AS kept_at FROM backup WHERE tenant_id = w.id AND state = 'kept'
                   AND begun_at < $1::timestamptz + interval '5 minutes' AND (w.store_id IS NULL OR store_id = w.store_id)) k ON true
               LEFT JOIN LATERAL (SELECT failure, failure_code FROM backup WHERE tenant_id = w.id AND state = 'failed'
                   AND (w.store_id IS NULL OR store_id = w.store_id)
                   AND (k.kept_at IS NULL OR begun_at > k.kept_at) ORDER BY begun_at DESC LIMIT 1) f ON true
               WHERE coalesce(w.hours, 1) > 0
                 AND coalesce(k.kept_at, w.since) < $1::timestamptz - make_interval(secs => coalesce(w.hours * 5400::float8, $2))
               ORDER BY k.kept_at NULLS FIRST, w.subdomain, w.store LIMIT $3"#,
            rule.now.to_sqlx() as _,
            rule.usual,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let found = rows.into_iter().map(|row| Unguarded {
            subdomain: row.subdomain,
            store: row.store,
            kept_at: row.kept_at.map(jiff_sqlx::Timestamp::to_jiff),
            failure: row.failure,
            failure_code: row.failure_code,
        });
        Ok(found.collect())
    }

    /// Tenants whose newest backup in a store lacks more files than one before it, by name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn incomplete_backups(
        &self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Incomplete>, StoreError> {
        let rows = sqlx::query!(
            r#"WITH whole AS (
                   SELECT id, tenant_id, store_id, begun_at, (kept ->> 'files_missing')::bigint AS missing FROM backup
                   WHERE state = 'kept' AND begun_at < $2::timestamptz + interval '5 minutes'),
               newest AS (
                   SELECT DISTINCT ON (tenant_id, store_id) * FROM whole ORDER BY tenant_id, store_id, begun_at DESC)
               SELECT n.id AS "id!", t.subdomain, n.missing AS "missing!", max(w.begun_at) AS "better_at!"
               FROM newest n JOIN tenant t ON t.id = n.tenant_id AND t.state <> 'deleted'
               JOIN whole w ON w.tenant_id = n.tenant_id AND w.store_id = n.store_id AND w.missing < n.missing
               GROUP BY n.id, t.subdomain, n.missing ORDER BY t.subdomain, n.id LIMIT $1"#,
            limit,
            now.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        let found = rows.into_iter().map(|row| Incomplete {
            subdomain: row.subdomain,
            backup: BackupId::from_uuid(row.id),
            missing: row.missing,
            better_at: row.better_at.to_jiff(),
        });
        Ok(found.collect())
    }

    /// Tenants of which the last try to restore a backup for proof went wrong, by name, once for each store; not those of which one
    /// was proven since, or one that is as new was before.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn unproven(&self, limit: i64) -> Result<Vec<Unproven>, StoreError> {
        let rows = sqlx::query!(
            r#"WITH tried AS (
                   SELECT DISTINCT ON (tenant_id, store_id) * FROM backup WHERE not_proven_at IS NOT NULL AND state = 'kept'
                   ORDER BY tenant_id, store_id, not_proven_at DESC)
               SELECT b.id AS "id!", t.subdomain, b.not_proven_at AS "failed_at!", b.not_proven AS "failure!", b.not_proven_code AS "failure_code!"
               FROM tried b JOIN tenant t ON t.id = b.tenant_id AND t.state <> 'deleted'
               WHERE NOT EXISTS (SELECT FROM backup p WHERE p.tenant_id = b.tenant_id AND p.store_id = b.store_id
                   AND p.proven ->> 'rows' IS NOT NULL AND (p.proven_at > b.not_proven_at OR p.begun_at >= b.begun_at))
               ORDER BY t.subdomain, b.id LIMIT $1"#,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let found = rows.into_iter().map(|row| Unproven {
            subdomain: row.subdomain,
            backup: BackupId::from_uuid(row.id),
            failed_at: row.failed_at.to_jiff(),
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
            r#"WITH newest AS (
                   SELECT tenant_id, store_id, max(begun_at) AS begun_at FROM backup
                   WHERE state = 'kept' AND begun_at < $1::timestamptz + interval '5 minutes' GROUP BY tenant_id, store_id),
               told AS (
                   SELECT t.id, t.created_at, coalesce(t.backup_every_hours, p.backup_every_hours) AS hours
                   FROM tenant t JOIN plan p ON p.name = t.plan WHERE t.state IN ('active', 'paused', 'suspended')),
               wanted AS (
                   SELECT told.id, told.hours, s.id AS store_id, greatest(told.created_at, s.created_at) AS since
                   FROM told JOIN backup_store s ON s.is_scheduled
                   UNION ALL SELECT told.id, told.hours, NULL, told.created_at FROM told
                   WHERE NOT EXISTS (SELECT FROM backup_store WHERE is_scheduled)),
               stands AS (
                   SELECT w.id, w.hours, w.store_id, coalesce(max(n.begun_at), w.since) AS last_at
                   FROM wanted w LEFT JOIN newest n ON n.tenant_id = w.id AND (w.store_id IS NULL OR n.store_id = w.store_id)
                   GROUP BY w.id, w.hours, w.store_id, w.since),
               each AS (
                   SELECT id, hours,
                          bool_or(last_at < $1::timestamptz - make_interval(secs => coalesce(hours * 5400::float8, $2))) AS is_late
                   FROM stands GROUP BY id, hours),
               guarded AS (
                   SELECT count(*) FILTER (WHERE coalesce(hours, 1) > 0) AS tenants,
                          count(*) FILTER (WHERE coalesce(hours, 1) > 0 AND is_late) AS unguarded,
                          count(*) FILTER (WHERE hours > 0) AS asked, count(*) FILTER (WHERE hours = 0) AS left_out
                   FROM each)
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
