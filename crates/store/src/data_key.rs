//! Keys that secrets are sealed with, and the places where sealed secrets lie.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgExecutor;
use uuid::Uuid;

/// The columns that hold sealed secrets, as `table.column`. A test compares them with the schema.
pub const SEALED: [&str; 8] = [
    "audit_key.sealed",
    "backup_key.sealed",
    "backup_store.sealed",
    "node_command.sealed",
    "server_identity.sealed",
    "signing_key.sealed",
    "sso_provider.sealed",
    "totp_factor.sealed",
];

/// A key, itself sealed.
#[derive(Debug, Clone)]
pub struct DataKeyRecord {
    /// Identity.
    pub id: Uuid,
    /// The key, encrypted with the server's key.
    pub sealed: Vec<u8>,
    /// Which server's key opens it.
    pub wrapped_by: Vec<u8>,
    /// From when on nothing new is sealed with it.
    pub retired_at: Option<Timestamp>,
}

/// Where a sealed secret lies: one of [`SEALED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedPlace {
    /// The private half of a key that signs the audit trail's chain.
    AuditKey,
    /// The secret half of the key of a tenant's backups.
    BackupKey,
    /// What a store of backups knows us by.
    BackupStore,
    /// The secret of an order to a node.
    Order,
    /// The private half of a key that access tokens are signed with.
    SigningKey,
    /// The secret of somebody's codes.
    Totp,
    /// The private half of the key by which nodes know the server.
    ServerIdentity,
    /// The secret that an identity provider knows us by.
    Provider,
}

/// A sealed secret and where it lies.
#[derive(Debug, Clone)]
pub struct SealedValue {
    /// The column.
    pub place: SealedPlace,
    /// The row.
    pub row: Uuid,
    /// The secret.
    pub sealed: Vec<u8>,
}

struct Row {
    id: Uuid,
    sealed: Vec<u8>,
    wrapped_by: Vec<u8>,
    retired_at: Option<jiff_sqlx::Timestamp>,
}

async fn data_keys(executor: impl PgExecutor<'_>) -> Result<Vec<DataKeyRecord>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, sealed, wrapped_by, retired_at FROM data_key ORDER BY created_at, id"
    )
    .fetch_all(executor)
    .await?;
    let records = rows.into_iter().map(|row| DataKeyRecord {
        id: row.id,
        sealed: row.sealed,
        wrapped_by: row.wrapped_by,
        retired_at: row.retired_at.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(records.collect())
}

impl Scoped {
    /// Every key, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn data_keys(&self) -> Result<Vec<DataKeyRecord>, StoreError> {
        data_keys(&self.pool).await
    }
}

impl Unit {
    /// Every key, the oldest first; until this unit ends, nobody else changes them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_data_keys(&mut self) -> Result<Vec<DataKeyRecord>, StoreError> {
        sqlx::query!("LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE")
            .execute(&mut *self.transaction)
            .await?;
        data_keys(&mut *self.transaction).await
    }

    /// Takes a new key into use; the one in use until now is retired.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_data_key(
        &mut self,
        id: Uuid,
        sealed: &[u8],
        wrapped_by: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE data_key SET retired_at = $1 WHERE retired_at IS NULL",
            now.to_sqlx() as _
        )
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "INSERT INTO data_key (id, sealed, wrapped_by, created_at) VALUES ($1, $2, $3, $4)",
            id,
            sealed,
            wrapped_by,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Seals a key anew with another server's key.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn rewrap_data_key(
        &mut self,
        id: Uuid,
        sealed: &[u8],
        wrapped_by: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE data_key SET sealed = $2, wrapped_by = $3 WHERE id = $1",
            id,
            sealed,
            wrapped_by,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Forgets a key that nothing is sealed with any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn delete_data_key(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM data_key WHERE id = $1", id)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Every sealed secret, locked so that it stays as it is until this unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_sealed_values(&mut self) -> Result<Vec<SealedValue>, StoreError> {
        let orders = sqlx::query!(
            r#"SELECT id, sealed AS "sealed!" FROM node_command WHERE sealed IS NOT NULL ORDER BY id FOR UPDATE"#
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let keys = sqlx::query!("SELECT id, sealed FROM signing_key ORDER BY id FOR UPDATE")
            .fetch_all(&mut *self.transaction)
            .await?;
        let identity = sqlx::query!("SELECT id, sealed FROM server_identity FOR UPDATE")
            .fetch_all(&mut *self.transaction)
            .await?;
        let identity = identity.into_iter().map(|row| SealedValue {
            place: SealedPlace::ServerIdentity,
            row: row.id,
            sealed: row.sealed,
        });
        let providers = sqlx::query!(
            r#"SELECT id, sealed AS "sealed!" FROM sso_provider WHERE sealed IS NOT NULL ORDER BY id FOR UPDATE"#
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let orders = orders.into_iter().map(|row| SealedValue {
            place: SealedPlace::Order,
            row: row.id,
            sealed: row.sealed,
        });
        let keys = keys.into_iter().map(|row| SealedValue {
            place: SealedPlace::SigningKey,
            row: row.id,
            sealed: row.sealed,
        });
        let audit = sqlx::query!("SELECT id, sealed FROM audit_key ORDER BY id FOR UPDATE")
            .fetch_all(&mut *self.transaction)
            .await?;
        let audit = audit.into_iter().map(|row| SealedValue {
            place: SealedPlace::AuditKey,
            row: row.id,
            sealed: row.sealed,
        });
        let backups = sqlx::query!("SELECT tenant_id, sealed FROM backup_key ORDER BY tenant_id FOR UPDATE")
            .fetch_all(&mut *self.transaction)
            .await?;
        let backups = backups.into_iter().map(|row| SealedValue {
            place: SealedPlace::BackupKey,
            row: row.tenant_id,
            sealed: row.sealed,
        });
        let stores = sqlx::query!(
            r#"SELECT id, sealed AS "sealed!" FROM backup_store WHERE sealed IS NOT NULL ORDER BY id FOR UPDATE"#
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let stores = stores.into_iter().map(|row| SealedValue {
            place: SealedPlace::BackupStore,
            row: row.id,
            sealed: row.sealed,
        });
        let totp = sqlx::query!("SELECT id, sealed FROM totp_factor ORDER BY id FOR UPDATE")
            .fetch_all(&mut *self.transaction)
            .await?;
        let totp = totp.into_iter().map(|row| SealedValue {
            place: SealedPlace::Totp,
            row: row.id,
            sealed: row.sealed,
        });
        let providers = providers.into_iter().map(|row| SealedValue {
            place: SealedPlace::Provider,
            row: row.id,
            sealed: row.sealed,
        });
        Ok(orders
            .chain(keys)
            .chain(audit)
            .chain(backups)
            .chain(stores)
            .chain(identity)
            .chain(providers)
            .chain(totp)
            .collect())
    }

    /// Replaces a sealed secret by the same, sealed with another key.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn reseal(&mut self, value: &SealedValue, sealed: &[u8]) -> Result<(), StoreError> {
        match value.place {
            SealedPlace::AuditKey => {
                sqlx::query!(
                    "UPDATE audit_key SET sealed = $2 WHERE id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SealedPlace::BackupKey => {
                sqlx::query!(
                    "UPDATE backup_key SET sealed = $2 WHERE tenant_id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SealedPlace::BackupStore => {
                sqlx::query!(
                    "UPDATE backup_store SET sealed = $2 WHERE id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SealedPlace::Order => {
                sqlx::query!(
                    "UPDATE node_command SET sealed = $2 WHERE id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SealedPlace::Totp => {
                sqlx::query!(
                    "UPDATE totp_factor SET sealed = $2 WHERE id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SealedPlace::ServerIdentity => {
                sqlx::query!(
                    "UPDATE server_identity SET sealed = $2 WHERE id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SealedPlace::SigningKey => {
                sqlx::query!(
                    "UPDATE signing_key SET sealed = $2 WHERE id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SealedPlace::Provider => {
                sqlx::query!(
                    "UPDATE sso_provider SET sealed = $2 WHERE id = $1",
                    value.row,
                    sealed
                )
                .execute(&mut *self.transaction)
                .await?
            }
        };
        Ok(())
    }
}
