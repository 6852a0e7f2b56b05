//! Keys that access tokens are signed with.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// A key that access tokens are signed with.
#[derive(Debug, Clone)]
pub struct SigningKeyRecord {
    /// The `kid` of its tokens.
    pub id: Uuid,
    /// The public half.
    pub public: Vec<u8>,
    /// The private half, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Scoped {
    /// The keys that were made after `since`, newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn signing_keys(&self, since: Timestamp) -> Result<Vec<SigningKeyRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT id, public_key, sealed, created_at AS "created_at: jiff_sqlx::Timestamp" FROM signing_key
             WHERE created_at > $1 ORDER BY created_at DESC, id DESC"#,
            since.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| SigningKeyRecord {
                id: row.id,
                public: row.public_key,
                sealed: row.sealed,
                created_at: row.created_at.to_jiff(),
            })
            .collect())
    }
}

impl Unit {
    /// Writes down a key.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_signing_key(&mut self, key: &SigningKeyRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO signing_key (id, public_key, sealed, created_at) VALUES ($1, $2, $3, $4)",
            key.id,
            key.public,
            key.sealed,
            key.created_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Forgets keys that were made before `then`; their tokens have ended.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_signing_keys(&mut self, then: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM signing_key WHERE created_at < $1",
            then.to_sqlx() as _
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
