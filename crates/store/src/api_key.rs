//! API keys. Only hashes are kept.

use crate::error::{StoreError, read_optional};
use crate::scope::{Scoped, Store, Unit};
use domain::{ApiKeyId, KeyAccess, KeyHolder, OrganizationId, OrganizationRole, Role, StaffRole, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// An API key without its secret.
#[derive(Debug, Clone)]
pub struct ApiKeyRecord {
    /// Identity.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// First characters.
    pub prefix: String,
    /// What it may do.
    pub holder: KeyHolder,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When another key took its place.
    pub superseded_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A key to be written down.
#[derive(Debug)]
pub struct NewApiKeyRow<'a> {
    /// What it is for.
    pub name: &'a str,
    /// First characters.
    pub prefix: &'a str,
    /// SHA-256 of the key.
    pub hash: &'a [u8],
    /// Which it is, and what it may do.
    pub holder: &'a KeyHolder,
    /// When it is made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

struct Row {
    id: Uuid,
    name: String,
    prefix: String,
    staff_role: Option<String>,
    organization_role: Option<String>,
    read_only: bool,
    organizations: Vec<Uuid>,
    tenants: Option<Vec<Uuid>>,
    created_at: jiff_sqlx::Timestamp,
    expires_at: Option<jiff_sqlx::Timestamp>,
    superseded_at: Option<jiff_sqlx::Timestamp>,
    last_used_at: Option<jiff_sqlx::Timestamp>,
    revoked_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for ApiKeyRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let staff: Option<StaffRole> = read_optional("api_key.staff_role", row.staff_role.as_deref())?;
        let organization: Option<OrganizationRole> =
            read_optional("api_key.organization_role", row.organization_role.as_deref())?;
        let role = staff.map(Role::Staff).or(organization.map(Role::Organization));
        let id = ApiKeyId::from_uuid(row.id);
        let holder = KeyHolder {
            key: id,
            role: role.ok_or(StoreError::Corrupt {
                column: "api_key.staff_role",
            })?,
            access: match row.read_only {
                true => KeyAccess::ReadOnly,
                false => KeyAccess::Full,
            },
            organizations: row
                .organizations
                .into_iter()
                .map(OrganizationId::from_uuid)
                .collect(),
            tenants: row
                .tenants
                .map(|ids| ids.into_iter().map(TenantId::from_uuid).collect()),
        };
        Ok(Self {
            id,
            holder,
            name: row.name,
            prefix: row.prefix,
            created_at: row.created_at.to_jiff(),
            expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
            superseded_at: row.superseded_at.map(jiff_sqlx::Timestamp::to_jiff),
            last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
            revoked_at: row.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

impl Store {
    /// The key with this hash, if it is in force at `now`. Notes its use, once a minute.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a caller must not take that for a wrong key.
    pub async fn authenticate_key(
        &self,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<ApiKeyRecord>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            "SELECT id, name, prefix, staff_role, organization_role, read_only, organizations, tenants, created_at, expires_at,
                    superseded_at, last_used_at, revoked_at FROM api_key
             WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(self.pool())
        .await?;
        let Some(record) = row.map(ApiKeyRecord::try_from).transpose()? else {
            return Ok(None);
        };
        let minute_ago = now - jiff::SignedDuration::from_mins(1);
        if record.last_used_at.is_none_or(|used| used < minute_ago) {
            sqlx::query!(
                "UPDATE api_key SET last_used_at = $2 WHERE id = $1",
                record.id.uuid(),
                now.to_sqlx() as _
            )
            .execute(self.pool())
            .await?;
        }
        Ok(Some(record))
    }
}

impl Scoped {
    /// Every key ever made, newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn api_keys(&self) -> Result<Vec<ApiKeyRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, name, prefix, staff_role, organization_role, read_only, organizations, tenants, created_at, expires_at,
                    superseded_at, last_used_at, revoked_at
             FROM api_key ORDER BY id DESC"
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(ApiKeyRecord::try_from)
        .collect()
    }
}

impl Unit {
    /// Writes down a new key.
    ///
    /// # Errors
    /// [`crate::Conflict::ApiKeyName`] when a key of that name is in force.
    pub async fn insert_api_key(&mut self, key: NewApiKeyRow<'_>) -> Result<(), StoreError> {
        let (staff, organization) = match key.holder.role {
            Role::Staff(role) => (Some(role.as_str()), None),
            Role::Organization(role) => (None, Some(role.as_str())),
        };
        let organizations: Vec<Uuid> = key.holder.organizations.iter().map(|id| id.uuid()).collect();
        let tenants: Option<Vec<Uuid>> = key
            .holder
            .tenants
            .as_ref()
            .map(|ids| ids.iter().map(|id| id.uuid()).collect());
        sqlx::query!(
            "INSERT INTO api_key (id, name, prefix, hash, staff_role, organization_role, read_only, organizations, tenants,
                                  created_at, expires_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            key.holder.key.uuid(),
            key.name,
            key.prefix,
            key.hash,
            staff,
            organization,
            key.holder.access == KeyAccess::ReadOnly,
            &organizations,
            tenants.as_deref(),
            key.created_at.to_sqlx() as _,
            key.expires_at.map(|at| at.to_sqlx()) as _,
            self.behalf.to_string(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// A key that is in force and that no other has taken the place of, its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_api_key(
        &mut self,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Option<ApiKeyRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, name, prefix, staff_role, organization_role, read_only, organizations, tenants, created_at, expires_at,
                    superseded_at, last_used_at, revoked_at FROM api_key
             WHERE id = $1 AND revoked_at IS NULL AND superseded_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
             FOR UPDATE",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(ApiKeyRecord::try_from)
        .transpose()
    }

    /// Lets another key take the place of this one, which goes on until `until` at most.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn supersede_api_key(
        &mut self,
        id: ApiKeyId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE api_key SET superseded_at = $2, expires_at = least(expires_at, $3) WHERE id = $1",
            id.uuid(),
            now.to_sqlx() as _,
            until.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Ends a key. Gives its name, or nothing when there is no such key in force.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn revoke_api_key(
        &mut self,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING name",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?)
    }
}
