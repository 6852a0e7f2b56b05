//! Passkeys of people.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{PasskeyId, PersonId, PersonName};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// A passkey.
#[derive(Debug, Clone)]
pub struct PasskeyRecord {
    /// Identity.
    pub id: PasskeyId,
    /// Whose.
    pub person: PersonId,
    /// Public key and properties, as the library writes them.
    pub credential: Value,
    /// Name for its person.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A passkey to be written down.
#[derive(Debug)]
pub struct NewPasskey<'a> {
    /// Identity.
    pub id: PasskeyId,
    /// Whose.
    pub person: PersonId,
    /// What the authenticator calls it.
    pub credential_id: &'a [u8],
    /// Public key and properties.
    pub credential: &'a Value,
    /// Name for its person.
    pub name: &'a PersonName,
    /// When it is.
    pub now: Timestamp,
}

struct Row {
    id: Uuid,
    person_id: Uuid,
    credential: Value,
    name: String,
    created_at: jiff_sqlx::Timestamp,
    last_used_at: Option<jiff_sqlx::Timestamp>,
}

impl From<Row> for PasskeyRecord {
    fn from(row: Row) -> Self {
        Self {
            id: PasskeyId::from_uuid(row.id),
            person: PersonId::from_uuid(row.person_id),
            credential: row.credential,
            name: row.name,
            created_at: row.created_at.to_jiff(),
            last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

async fn passkeys(executor: impl PgExecutor<'_>, person: PersonId) -> Result<Vec<PasskeyRecord>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, person_id, credential, name, created_at, last_used_at FROM passkey
         WHERE person_id = $1 ORDER BY created_at, id",
        person.uuid(),
    )
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(PasskeyRecord::from).collect())
}

impl Scoped {
    /// Somebody's passkeys, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn passkeys(&self, person: PersonId) -> Result<Vec<PasskeyRecord>, StoreError> {
        passkeys(&self.pool, person).await
    }
}

impl Unit {
    /// Somebody's passkeys, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn passkeys(&mut self, person: PersonId) -> Result<Vec<PasskeyRecord>, StoreError> {
        passkeys(&mut *self.transaction, person).await
    }

    /// Writes down a passkey.
    ///
    /// # Errors
    /// [`crate::Conflict::Passkey`] when it is somebody's already.
    pub async fn insert_passkey(&mut self, passkey: NewPasskey<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO passkey (id, person_id, credential_id, credential, counter, name, created_at)
             VALUES ($1, $2, $3, $4, 0, $5, $6)",
            passkey.id.uuid(),
            passkey.person.uuid(),
            passkey.credential_id,
            passkey.credential,
            passkey.name.as_str(),
            passkey.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Says that a passkey signed. Whether its counter grew, or does not count: of two who bring one signature, one loses.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_passkey(
        &mut self,
        id: PasskeyId,
        credential: &Value,
        counter: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE passkey SET credential = $2, counter = $3, last_used_at = $4
             WHERE id = $1 AND (counter < $3 OR (counter = 0 AND $3 = 0))",
            id.uuid(),
            credential,
            i64::from(counter),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Forgets one of somebody's passkeys; gives its name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn remove_passkey(
        &mut self,
        person: PersonId,
        id: PasskeyId,
    ) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            "DELETE FROM passkey WHERE id = $1 AND person_id = $2 RETURNING name",
            id.uuid(),
            person.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?)
    }

    /// Forgets all of somebody's passkeys; gives how many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn remove_passkeys(&mut self, person: PersonId) -> Result<u64, StoreError> {
        let removed = sqlx::query!("DELETE FROM passkey WHERE person_id = $1", person.uuid())
            .execute(&mut *self.transaction)
            .await?;
        Ok(removed.rows_affected())
    }
}
