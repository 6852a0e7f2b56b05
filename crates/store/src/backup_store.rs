//! Where backups are kept, and with which keys.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::TenantId;
use domain::backup::Retention;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;
use wire::backup::StoreAccess;

/// A store of backups.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct BackupStoreRecord {
    pub id: Uuid,
    pub name: String,
    pub access: StoreAccess,
    pub sealed: Option<Vec<u8>>,
    pub is_scheduled: bool,
    pub retention: Retention,
    pub created_at: Timestamp,
    pub created_by: String,
    /// Backups that are in it.
    pub backups: i64,
    /// Bytes that they added to it.
    pub bytes: i64,
}

/// The key of a tenant's backups.
#[derive(Debug, Clone)]
pub struct BackupKeyRecord {
    /// The public half, in age's form.
    pub recipient: String,
    /// The secret half, sealed.
    pub sealed: Vec<u8>,
}

impl Scoped {
    /// All stores by name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_stores(&self) -> Result<Vec<BackupStoreRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT s.id, s.name, s.access, s.sealed, s.is_scheduled, s.retention, s.created_at, s.created_by,
                      count(b.id) AS "backups!", coalesce(sum((b.kept ->> 'stored_bytes')::bigint), 0)::bigint AS "bytes!"
               FROM backup_store s LEFT JOIN backup b ON b.store_id = s.id AND b.state IN ('kept', 'damaged')
               GROUP BY s.id ORDER BY s.name"#
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let corrupt = |column| move |_| StoreError::Corrupt { column };
                Ok(BackupStoreRecord {
                    id: row.id,
                    name: row.name,
                    access: serde_json::from_value(row.access).map_err(corrupt("backup_store.access"))?,
                    sealed: row.sealed,
                    is_scheduled: row.is_scheduled,
                    retention: serde_json::from_value(row.retention)
                        .map_err(corrupt("backup_store.retention"))?,
                    created_at: row.created_at.to_jiff(),
                    created_by: row.created_by,
                    backups: row.backups,
                    bytes: row.bytes,
                })
            })
            .collect()
    }

    /// The key of a tenant's backups, if it has one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn backup_key(&self, tenant: TenantId) -> Result<Option<BackupKeyRecord>, StoreError> {
        let row = sqlx::query_as!(
            BackupKeyRecord,
            "SELECT recipient, sealed FROM backup_key WHERE tenant_id = $1",
            tenant.uuid()
        );
        Ok(row.fetch_optional(&self.pool).await?)
    }
}

impl Unit {
    /// Adds a store, or changes the one of this identity.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another one has the name.
    pub async fn put_backup_store(
        &mut self,
        store: &BackupStoreRecord,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let access = serde_json::to_value(&store.access).unwrap_or_default();
        let retention = serde_json::to_value(store.retention).unwrap_or_default();
        sqlx::query!(
            "INSERT INTO backup_store (id, name, access, sealed, is_scheduled, retention, created_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE SET access = excluded.access, sealed = excluded.sealed,
                 is_scheduled = excluded.is_scheduled, retention = excluded.retention,
                 retention_at = CASE WHEN backup_store.retention = excluded.retention THEN backup_store.retention_at ELSE $9 END",
            store.id,
            store.name,
            access,
            store.sealed,
            store.is_scheduled,
            retention,
            store.created_at.to_sqlx() as _,
            store.created_by,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Removes a store in which there never was a backup.
    ///
    /// # Errors
    /// As for any statement; false when a backup names it.
    pub async fn remove_backup_store(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM backup_store s WHERE s.id = $1 AND NOT EXISTS (SELECT FROM backup b WHERE b.store_id = s.id)",
            id
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(removed.rows_affected() == 1)
    }

    /// Keeps a key of a tenant's backups unless it has one; gives the one that it has.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_backup_key(
        &mut self,
        tenant: TenantId,
        recipient: &str,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<BackupKeyRecord, StoreError> {
        sqlx::query!(
            "INSERT INTO backup_key (tenant_id, recipient, sealed, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id) DO NOTHING",
            tenant.uuid(),
            recipient,
            sealed,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(sqlx::query_as!(
            BackupKeyRecord,
            "SELECT recipient, sealed FROM backup_key WHERE tenant_id = $1",
            tenant.uuid()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }
}
