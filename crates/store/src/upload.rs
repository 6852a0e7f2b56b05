//! Uploads: files that come in piece by piece.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{NodeId, OperationId, TransferId, UploadId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// An upload.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct UploadRecord {
    pub id: UploadId,
    pub file_name: String,
    pub bytes: i64,
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub transfer: Option<TransferId>,
    /// Whether the operation that makes a tenant of it goes on.
    pub is_being_imported: bool,
    /// Whether a tenant was made of it, so that nobody needs it any more.
    pub is_imported: bool,
    pub dropped_at: Option<Timestamp>,
}

struct Row {
    id: Uuid,
    file_name: String,
    bytes: i64,
    created_by: String,
    created_at: jiff_sqlx::Timestamp,
    expires_at: jiff_sqlx::Timestamp,
    transfer_id: Option<Uuid>,
    is_being_imported: bool,
    is_imported: bool,
    dropped_at: Option<jiff_sqlx::Timestamp>,
}

impl From<Row> for UploadRecord {
    fn from(row: Row) -> Self {
        Self {
            id: UploadId::from_uuid(row.id),
            file_name: row.file_name,
            bytes: row.bytes,
            created_by: row.created_by,
            created_at: row.created_at.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
            transfer: row.transfer_id.map(TransferId::from_uuid),
            is_being_imported: row.is_being_imported,
            is_imported: row.is_imported,
            dropped_at: row.dropped_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

impl Scoped {
    /// The upload of this identity.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn upload(&self, id: UploadId) -> Result<Option<UploadRecord>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT u.id, u.file_name, u.bytes, u.created_by, u.created_at, u.expires_at, u.transfer_id, u.dropped_at,
                      EXISTS (SELECT FROM operation o WHERE o.id = u.operation_id AND o.finished_at IS NULL) AS "is_being_imported!",
                      EXISTS (SELECT FROM operation o WHERE o.id = u.operation_id AND o.state = 'succeeded') AS "is_imported!"
               FROM upload u WHERE u.id = $1"#,
            id.uuid(),
        );
        Ok(row.fetch_optional(&self.pool).await?.map(UploadRecord::from))
    }

    /// The uploads of which nothing was made yet, that nobody gave up and whose time is not over, the newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn uploads(&self, now: Timestamp) -> Result<Vec<UploadRecord>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT u.id, u.file_name, u.bytes, u.created_by, u.created_at, u.expires_at, u.transfer_id, u.dropped_at,
                      coalesce(o.finished_at IS NULL AND o.id IS NOT NULL, false) AS "is_being_imported!", false AS "is_imported!"
               FROM upload u LEFT JOIN operation o ON o.id = u.operation_id
               WHERE u.dropped_at IS NULL AND u.expires_at > $1 AND o.state IS DISTINCT FROM 'succeeded'
               ORDER BY u.created_at DESC, u.id DESC"#,
            now.to_sqlx() as _,
        );
        let found = rows.fetch_all(&self.pool).await?;
        Ok(found.into_iter().map(UploadRecord::from).collect())
    }

    /// The upload that a node fetches by this transfer.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn upload_of_transfer(&self, transfer: TransferId) -> Result<Option<UploadId>, StoreError> {
        let id = sqlx::query_scalar!("SELECT id FROM upload WHERE transfer_id = $1", transfer.uuid());
        Ok(id.fetch_optional(&self.pool).await?.map(UploadId::from_uuid))
    }

    /// How many uploads there are of which nothing was made yet, that nobody gave up and whose time is not over.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn uploads_open(&self, now: Timestamp) -> Result<i64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM upload u WHERE dropped_at IS NULL AND expires_at > $1
               AND NOT EXISTS (SELECT FROM operation o WHERE o.id = u.operation_id AND o.finished_at IS NOT NULL)"#,
            now.to_sqlx() as _,
        );
        Ok(count.fetch_one(&self.pool).await?)
    }
}

impl Unit {
    /// Writes down an upload that begins.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_upload(&mut self, new: &UploadRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO upload (id, file_name, bytes, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
            new.id.uuid(),
            new.file_name,
            new.bytes,
            new.created_by,
            new.created_at.to_sqlx() as _,
            new.expires_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// A node fetches it now; false when another operation has it, or nobody any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn import_upload(
        &mut self,
        id: UploadId,
        (transfer, operation, node): (TransferId, OperationId, NodeId),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE upload SET transfer_id = $2, operation_id = $3, node_id = $4
             WHERE id = $1 AND dropped_at IS NULL AND expires_at > $5
               AND NOT EXISTS (SELECT FROM operation o WHERE o.id = operation_id AND o.finished_at IS NULL)",
            id.uuid(),
            transfer.uuid(),
            operation.uuid(),
            node.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Nobody wants it any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn drop_upload(&mut self, id: UploadId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE upload SET dropped_at = $2 WHERE id = $1 AND dropped_at IS NULL",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
