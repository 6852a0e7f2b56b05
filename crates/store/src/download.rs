//! Downloads: the links, and who came for them.

use crate::error::{StoreError, read};
use crate::scope::{Bounds, Scoped, Unit};
use domain::{
    BackupId, BackupState, DownloadId, NodeId, OperationId, OrganizationId, Reach, Subdomain, TenantId,
    TransferId,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;
use wire::export::Form;

/// A link.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct DownloadRecord {
    pub id: DownloadId,
    pub backup: BackupId,
    pub backup_state: BackupState,
    pub tenant: TenantId,
    pub organization: Option<OrganizationId>,
    pub subdomain: Subdomain,
    pub wanted: Form,
    pub file_name: String,
    pub asked_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub is_repeatable: bool,
    pub used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// A link to be written down.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewDownload<'a> {
    pub id: DownloadId,
    pub backup: BackupId,
    pub token_hash: &'a [u8],
    pub wanted: &'a Form,
    pub file_name: &'a str,
    pub asked_by: &'a str,
    pub expires_at: Timestamp,
    pub is_repeatable: bool,
    pub now: Timestamp,
}

/// One time that somebody came.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct FetchRecord {
    pub id: TransferId,
    pub download: DownloadId,
    pub begun_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub address: Option<String>,
    pub skipped: i64,
    pub bytes: i64,
    pub is_whole: bool,
}

/// Somebody who comes.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewFetch<'a> {
    pub id: TransferId,
    pub download: DownloadId,
    pub operation: OperationId,
    pub node: NodeId,
    pub address: Option<&'a str>,
    pub skipped: i64,
    pub now: Timestamp,
}

/// Which links somebody wants to see, newest first.
#[derive(Debug, Clone, Default)]
pub struct DownloadFilter {
    /// Of the tenant of this name, now or then.
    pub subdomain: Option<Subdomain>,
    /// Only this one.
    pub id: Option<DownloadId>,
    /// At most so many.
    pub limit: i64,
}

struct Row {
    id: Uuid,
    backup_id: Uuid,
    backup_state: String,
    tenant_id: Uuid,
    organization_id: Option<Uuid>,
    subdomain: String,
    wanted: serde_json::Value,
    file_name: String,
    asked_by: String,
    created_at: jiff_sqlx::Timestamp,
    expires_at: jiff_sqlx::Timestamp,
    is_repeatable: bool,
    used_at: Option<jiff_sqlx::Timestamp>,
    revoked_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for DownloadRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: DownloadId::from_uuid(row.id),
            backup: BackupId::from_uuid(row.backup_id),
            backup_state: read("backup.state", &row.backup_state)?,
            tenant: TenantId::from_uuid(row.tenant_id),
            organization: row.organization_id.map(OrganizationId::from_uuid),
            subdomain: read("backup.subdomain", &row.subdomain)?,
            wanted: serde_json::from_value(row.wanted).map_err(|_| StoreError::Corrupt {
                column: "download.wanted",
            })?,
            file_name: row.file_name,
            asked_by: row.asked_by,
            created_at: row.created_at.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
            is_repeatable: row.is_repeatable,
            used_at: row.used_at.map(jiff_sqlx::Timestamp::to_jiff),
            revoked_at: row.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

impl Scoped {
    /// The links that may be seen.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn downloads(
        &self,
        reach: &Reach,
        filter: &DownloadFilter,
    ) -> Result<Vec<DownloadRecord>, StoreError> {
        let bounds = Bounds::from(reach.seen());
        sqlx::query_as!(
            Row,
            "SELECT d.id, d.backup_id, b.state AS backup_state, b.tenant_id,
                    CASE WHEN t.id IS NULL THEN b.organization_id ELSE t.organization_id END AS organization_id,
                    b.subdomain, d.wanted, d.file_name, d.asked_by, d.created_at, d.expires_at, d.is_repeatable, d.used_at, d.revoked_at
             FROM download d JOIN backup b ON b.id = d.backup_id LEFT JOIN tenant t ON t.id = b.tenant_id
             WHERE ($1::text IS NULL OR b.subdomain = $1 OR b.tenant_id = (SELECT id FROM tenant WHERE subdomain = $1))
               AND ($2::uuid IS NULL OR d.id = $2)
               AND ($3 OR (t.id IS NOT NULL AND ($4 OR t.organization_id = ANY($5)) AND ($6::uuid[] IS NULL OR t.id = ANY($6))))
             ORDER BY d.created_at DESC, d.id DESC LIMIT $7",
            filter.subdomain.as_ref().map(Subdomain::as_str),
            filter.id.map(DownloadId::uuid),
            reach.seen().is_everything(),
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
            filter.limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(DownloadRecord::try_from)
        .collect()
    }

    /// The link of this token, whatever became of it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn download_by_token(&self, hash: &[u8]) -> Result<Option<DownloadRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT d.id, d.backup_id, b.state AS backup_state, b.tenant_id,
                    CASE WHEN t.id IS NULL THEN b.organization_id ELSE t.organization_id END AS organization_id,
                    b.subdomain, d.wanted, d.file_name, d.asked_by, d.created_at, d.expires_at, d.is_repeatable, d.used_at, d.revoked_at
             FROM download d JOIN backup b ON b.id = d.backup_id LEFT JOIN tenant t ON t.id = b.tenant_id WHERE d.token_hash = $1",
            hash,
        )
        .fetch_optional(&self.pool)
        .await?
        .map(DownloadRecord::try_from)
        .transpose()
    }

    /// Who came for these, the newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn fetches(&self, downloads: &[DownloadId]) -> Result<Vec<FetchRecord>, StoreError> {
        let ids: Vec<Uuid> = downloads.iter().map(|id| id.uuid()).collect();
        let rows = sqlx::query!(
            "SELECT id, download_id, begun_at, ended_at, address, skipped, bytes, is_whole FROM download_fetch
             WHERE download_id = ANY($1) ORDER BY begun_at DESC, id DESC LIMIT 1000",
            &ids,
        )
        .fetch_all(&self.pool)
        .await?;
        let record = rows.into_iter().map(|row| FetchRecord {
            id: TransferId::from_uuid(row.id),
            download: DownloadId::from_uuid(row.download_id),
            begun_at: row.begun_at.to_jiff(),
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            address: row.address,
            skipped: row.skipped,
            bytes: row.bytes,
            is_whole: row.is_whole,
        });
        Ok(record.collect())
    }

    /// How many this node sends, of those that were begun since then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn fetches_under_way(&self, node: NodeId, since: Timestamp) -> Result<i64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM download_fetch WHERE node_id = $1 AND ended_at IS NULL AND begun_at >= $2"#,
            node.uuid(),
            since.to_sqlx() as _,
        );
        Ok(count.fetch_one(&self.pool).await?)
    }
}

impl Unit {
    /// Writes down a link.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_download(&mut self, new: &NewDownload<'_>) -> Result<(), StoreError> {
        let wanted = serde_json::to_value(new.wanted).map_err(|_| StoreError::Corrupt {
            column: "download.wanted",
        })?;
        sqlx::query!(
            "INSERT INTO download (id, backup_id, token_hash, wanted, file_name, asked_by, created_at, expires_at, is_repeatable)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            new.id.uuid(),
            new.backup.uuid(),
            new.token_hash,
            wanted,
            new.file_name,
            new.asked_by,
            new.now.to_sqlx() as _,
            new.expires_at.to_sqlx() as _,
            new.is_repeatable,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Takes a link back; says whether there was one to be taken back.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn revoke_download(
        &mut self,
        id: DownloadId,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE download SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL",
            id.uuid(),
            now.to_sqlx() as _,
            by,
        )
        .execute(&mut *self.transaction)
        .await?;
        // Whoever fetches at this moment is cut off.
        sqlx::query!(
            "UPDATE download_fetch SET ended_at = $2 WHERE download_id = $1 AND ended_at IS NULL",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down that somebody comes; false when the link does not work any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn begin_fetch(&mut self, new: &NewFetch<'_>) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "INSERT INTO download_fetch (id, download_id, operation_id, node_id, begun_at, address, skipped)
             SELECT $1, id, $3, $4, $5, $6, $7 FROM download
             WHERE id = $2 AND revoked_at IS NULL AND expires_at > $5 AND (is_repeatable OR used_at IS NULL) FOR SHARE",
            new.id.uuid(),
            new.download.uuid(),
            new.operation.uuid(),
            new.node.uuid(),
            new.now.to_sqlx() as _,
            new.address,
            new.skipped,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// It is over, in whichever way; whoever took it to its end used the link. False when that was known.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_fetch(
        &mut self,
        id: TransferId,
        bytes: i64,
        is_whole: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let ended = sqlx::query_scalar!(
            "UPDATE download_fetch SET ended_at = $2, bytes = $3, is_whole = $4 WHERE id = $1 AND (ended_at IS NULL OR $4)
             RETURNING download_id",
            id.uuid(),
            now.to_sqlx() as _,
            bytes,
            is_whole,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        if let (Some(download), true) = (ended, is_whole) {
            sqlx::query!(
                "UPDATE download SET used_at = $2 WHERE id = $1",
                download,
                now.to_sqlx() as _,
            )
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(ended.is_some())
    }

    /// The operation that was to send it has ended: no node comes any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn fetch_over(&mut self, operation: OperationId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE download_fetch SET ended_at = $2 WHERE operation_id = $1 AND ended_at IS NULL",
            operation.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
