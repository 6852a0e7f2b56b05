//! When backups are taken by the clock: what was said of it, and who is due.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{BackupId, BackupSchedule, DatabaseName, NodeId, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// A tenant, and when it was last backed up into a store by the clock.
#[derive(Debug, Clone)]
pub struct BackupDue {
    /// The tenant.
    pub tenant: TenantId,
    /// Its node.
    pub node: NodeId,
    /// When the last one by the clock was begun there.
    pub begun_at: Option<Timestamp>,
    /// When the tenant came to be.
    pub created_at: Timestamp,
    /// When its backups are taken, as far as it or its plan says so.
    pub schedule: BackupSchedule,
}

/// A schedule of its two columns.
pub(crate) fn schedule(
    every_hours: Option<i16>,
    opens_hour: Option<i16>,
) -> Result<BackupSchedule, StoreError> {
    let corrupt = |column| move |_| StoreError::Corrupt { column };
    Ok(BackupSchedule {
        every_hours: every_hours
            .map(u16::try_from)
            .transpose()
            .map_err(corrupt("backup_every_hours"))?,
        opens_hour: opens_hour
            .map(u8::try_from)
            .transpose()
            .map_err(corrupt("backup_opens_hour"))?,
    })
}

/// A schedule as its two columns.
pub(crate) fn columns(schedule: BackupSchedule) -> (Option<i16>, Option<i16>) {
    let every_hours = schedule.every_hours.and_then(|hours| i16::try_from(hours).ok());
    (every_hours, schedule.opens_hour.map(i16::from))
}

impl Scoped {
    /// The tenants that can be backed up by the clock, or one of them, each with how it stands in this store: of all but those whose
    /// orders are held back. What failed counts as begun from then on; what a clock that ran ahead wrote down does not.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backups_due(
        &self,
        store: Uuid,
        (from, now): (Timestamp, Timestamp),
        only: Option<TenantId>,
    ) -> Result<Vec<BackupDue>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT t.id, t.node_id, t.created_at,
                      coalesce(t.backup_every_hours, p.backup_every_hours) AS every_hours,
                      coalesce(t.backup_opens_hour, p.backup_opens_hour) AS opens_hour,
                      max(b.begun_at) FILTER (WHERE b.kind = 'scheduled' AND (b.state <> 'failed' OR b.begun_at >= $2)
                          AND (b.state = 'taking' OR b.begun_at < $4::timestamptz + interval '5 minutes')) AS begun_at
               FROM tenant t JOIN plan p ON p.name = t.plan LEFT JOIN backup b ON b.tenant_id = t.id AND b.store_id = $1
               WHERE t.state IN ('active', 'paused', 'suspended')
                 AND CASE WHEN $3::uuid IS NULL THEN t.switch <> 'stopped' ELSE t.id = $3 END
               GROUP BY t.id, p.name"#,
            store,
            from.to_sqlx() as _,
            only.map(TenantId::uuid),
            now.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        let due = rows.into_iter().map(|row| {
            Ok(BackupDue {
                tenant: TenantId::from_uuid(row.id),
                node: NodeId::from_uuid(row.node_id),
                begun_at: row.begun_at.map(jiff_sqlx::Timestamp::to_jiff),
                created_at: row.created_at.to_jiff(),
                schedule: schedule(row.every_hours, row.opens_hour)?,
            })
        });
        due.collect()
    }

    /// When a tenant is backed up, as it was said for the tenant itself, and for its plan.
    ///
    /// # Errors
    /// As for any statement; `RowNotFound` if there is no such tenant.
    pub async fn backup_schedules(
        &self,
        tenant: TenantId,
    ) -> Result<(BackupSchedule, BackupSchedule), StoreError> {
        let row = sqlx::query!(
            "SELECT t.backup_every_hours, t.backup_opens_hour, p.backup_every_hours AS plan_every_hours,
                    p.backup_opens_hour AS plan_opens_hour
             FROM tenant t JOIN plan p ON p.name = t.plan WHERE t.id = $1",
            tenant.uuid(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((
            schedule(row.backup_every_hours, row.backup_opens_hour)?,
            schedule(row.plan_every_hours, row.plan_opens_hour)?,
        ))
    }

    /// Tombstones of before a moment, without a last backup that is there or being taken, and none of which failed since another;
    /// with when they were made.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tombstones_without_final(
        &self,
        deleted_before: Timestamp,
        failed_since: Timestamp,
    ) -> Result<Vec<(TenantId, NodeId, Timestamp)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT t.id, t.node_id, t.deleted_at AS "deleted_at!" FROM tenant t
             WHERE t.state = 'deleted' AND t.operation_id IS NULL AND t.switch = 'active' AND t.deleted_at < $2
               AND NOT EXISTS (SELECT FROM backup b WHERE b.tenant_id = t.id AND b.kind = 'final' AND b.begun_at >= t.deleted_at
                   AND (b.state IN ('taking', 'kept') OR b.state = 'failed' AND b.begun_at >= $1))
             ORDER BY t.deleted_at"#,
            failed_since.to_sqlx() as _,
            deleted_before.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        let found = rows.into_iter().map(|row| {
            (
                TenantId::from_uuid(row.id),
                NodeId::from_uuid(row.node_id),
                row.deleted_at.to_jiff(),
            )
        });
        Ok(found.collect())
    }

    /// The last backup of a tombstone of this name, if it is whole and somebody looked at it since, and when the tombstone was made.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn last_backup(
        &self,
        name: &DatabaseName,
    ) -> Result<Option<(BackupId, Timestamp)>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT b.id, t.deleted_at AS "deleted_at!" FROM tenant t JOIN backup b ON b.tenant_id = t.id
               WHERE t.database_name = $1 AND t.state = 'deleted' AND b.kind = 'final' AND b.state = 'kept' AND b.proven_at IS NOT NULL
                 AND b.begun_at >= t.deleted_at ORDER BY b.begun_at DESC LIMIT 1"#,
            name.as_str(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| (BackupId::from_uuid(row.id), row.deleted_at.to_jiff())))
    }

    /// How many backups are being taken by the clock on each node: those that somebody asked for hold up no others, nor do those of
    /// tenants whose orders are held back.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backups_under_way(&self) -> Result<Vec<(NodeId, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT b.node_id, count(*) AS "count!" FROM backup b JOIN tenant t ON t.id = b.tenant_id
               WHERE b.state = 'taking' AND b.kind IN ('scheduled', 'final') AND t.switch <> 'stopped' GROUP BY b.node_id"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (NodeId::from_uuid(row.node_id), row.count))
            .collect())
    }
}

impl Unit {
    /// Says when a tenant is backed up; gives what was said before.
    ///
    /// # Errors
    /// As for any statement; `RowNotFound` if there is no such tenant.
    pub async fn set_backup_schedule(
        &mut self,
        tenant: TenantId,
        wanted: BackupSchedule,
        now: Timestamp,
    ) -> Result<BackupSchedule, StoreError> {
        let (every_hours, opens_hour) = columns(wanted);
        let before = sqlx::query!(
            "WITH before AS (SELECT backup_every_hours, backup_opens_hour FROM tenant WHERE id = $1)
             UPDATE tenant t SET backup_every_hours = $2, backup_opens_hour = $3, updated_at = $4 FROM before WHERE t.id = $1
             RETURNING before.backup_every_hours, before.backup_opens_hour",
            tenant.uuid(),
            every_hours,
            opens_hour,
            now.to_sqlx() as _,
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        schedule(before.backup_every_hours, before.backup_opens_hour)
    }
}
