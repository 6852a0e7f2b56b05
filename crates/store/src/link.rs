//! Links that work once.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::TenantId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// What a one-time link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The installation's owner gets their first API key.
    Owner,
    /// A tenant's administrator sets their password.
    SetPassword,
}

impl LinkPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::SetPassword => "set-password",
        }
    }
}

/// A link to be written down.
#[derive(Debug)]
pub struct NewLink<'a> {
    /// SHA-256 of its token.
    pub hash: &'a [u8],
    /// What it opens.
    pub purpose: LinkPurpose,
    /// The tenant that it is for.
    pub tenant: Option<TenantId>,
    /// When it is made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Scoped {
    /// Whether this link of the owner's still works.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn owner_link_works(&self, hash: &[u8], now: Timestamp) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM one_time_link
                 WHERE hash = $1 AND purpose = 'owner' AND used_at IS NULL AND expires_at > $2) AS "works!""#,
            hash,
            now.to_sqlx() as _,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

impl Unit {
    /// Writes down a link.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_link(&mut self, link: NewLink<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO one_time_link (hash, purpose, tenant_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT ON CONSTRAINT one_time_link_pkey DO NOTHING",
            link.hash,
            link.purpose.as_str(),
            link.tenant.map(TenantId::uuid),
            link.created_at.to_sqlx() as _,
            link.expires_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Uses up a link: the same token is refused from then on.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_link(
        &mut self,
        hash: &[u8],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<UsedLink, StoreError> {
        let row = sqlx::query!(
            "UPDATE one_time_link SET used_at = $3 WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
             RETURNING tenant_id",
            hash,
            purpose.as_str(),
            now.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(match row {
            None => UsedLink::Refused,
            Some(row) => row.tenant_id.map_or(UsedLink::Installation, |id| {
                UsedLink::Tenant(TenantId::from_uuid(id))
            }),
        })
    }

    /// Lets a tenant's used link to set a password work again, until its time is over.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn renew_set_password_link(&mut self, tenant: TenantId) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE one_time_link SET used_at = NULL WHERE tenant_id = $1 AND purpose = 'set-password'",
            tenant.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

/// What became of a link that somebody brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedLink {
    /// Unknown, used before, or over.
    Refused,
    /// For the installation.
    Installation,
    /// For a tenant.
    Tenant(TenantId),
}
