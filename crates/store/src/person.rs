//! People who can sign in.

use crate::error::{StoreError, read, read_optional};
use crate::scope::{Scoped, Unit};
use domain::{EmailAddress, PersonId, PersonName, Secret, StaffRole};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct PersonRecord {
    /// Identity.
    pub id: PersonId,
    /// What they sign in with.
    pub email: EmailAddress,
    /// Name for people.
    pub name: String,
    /// The hash of their password.
    pub password_hash: Option<Secret<String>>,
    /// Their role in the staff.
    pub staff: Option<StaffRole>,
    /// When they accepted their invitation.
    pub created_at: Timestamp,
    /// When they were shut out.
    pub disabled_at: Option<Timestamp>,
}

/// Somebody to be written down.
#[derive(Debug)]
pub struct NewPerson<'a> {
    /// Identity.
    pub id: PersonId,
    /// What they sign in with.
    pub email: &'a EmailAddress,
    /// Name for people.
    pub name: &'a PersonName,
    /// The hash of their password.
    pub password_hash: &'a str,
    /// Their role in the staff.
    pub staff: Option<StaffRole>,
    /// When it is.
    pub now: Timestamp,
}

struct Row {
    id: Uuid,
    email: String,
    name: String,
    password_hash: Option<String>,
    staff_role: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    disabled_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for PersonRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: PersonId::from_uuid(row.id),
            email: read("person.email", &row.email)?,
            name: row.name,
            password_hash: row.password_hash.map(Secret::new),
            staff: read_optional("person.staff_role", row.staff_role.as_deref())?,
            created_at: row.created_at.to_jiff(),
            disabled_at: row.disabled_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

impl Scoped {
    /// The person of this identity.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn person(&self, id: PersonId) -> Result<Option<PersonRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, email, name, password_hash, staff_role, created_at, disabled_at FROM person WHERE id = $1",
            id.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?
        .map(PersonRecord::try_from)
        .transpose()
    }

    /// The person who signs in with this address.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn person_by_email(&self, email: &EmailAddress) -> Result<Option<PersonRecord>, StoreError> {
        let account = email.as_account();
        sqlx::query_as!(
            Row,
            "SELECT id, email, name, password_hash, staff_role, created_at, disabled_at FROM person WHERE email = $1",
            account.as_str(),
        )
        .fetch_optional(&self.pool)
        .await?
        .map(PersonRecord::try_from)
        .transpose()
    }

    /// The staff, by address.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn staff(&self) -> Result<Vec<PersonRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, email, name, password_hash, staff_role, created_at, disabled_at FROM person
             WHERE staff_role IS NOT NULL ORDER BY email",
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(PersonRecord::try_from)
        .collect()
    }
}

impl Unit {
    /// The person of this identity, their row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_person(&mut self, id: PersonId) -> Result<Option<PersonRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, email, name, password_hash, staff_role, created_at, disabled_at FROM person WHERE id = $1
             FOR UPDATE",
            id.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(PersonRecord::try_from)
        .transpose()
    }

    /// The person who signs in with this address, their row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_person_by_email(
        &mut self,
        email: &EmailAddress,
    ) -> Result<Option<PersonRecord>, StoreError> {
        let account = email.as_account();
        sqlx::query_as!(
            Row,
            "SELECT id, email, name, password_hash, staff_role, created_at, disabled_at FROM person WHERE email = $1
             FOR UPDATE",
            account.as_str(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(PersonRecord::try_from)
        .transpose()
    }

    /// Writes down a person.
    ///
    /// # Errors
    /// [`crate::Conflict::PersonEmail`] when somebody signs in with that address.
    pub async fn insert_person(&mut self, person: NewPerson<'_>) -> Result<(), StoreError> {
        let account = person.email.as_account();
        sqlx::query!(
            "INSERT INTO person (id, email, name, password_hash, password_set_at, staff_role, created_at)
             VALUES ($1, $2, $3, $4, $6, $5, $6)",
            person.id.uuid(),
            account.as_str(),
            person.name.as_str(),
            person.password_hash,
            person.staff.map(StaffRole::as_str),
            person.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Sets the hash of a person's password.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_person_password(
        &mut self,
        id: PersonId,
        hash: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE person SET password_hash = $2, password_set_at = $3 WHERE id = $1",
            id.uuid(),
            hash,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Sets what a person is in the staff.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_staff_role(&mut self, id: PersonId, role: Option<StaffRole>) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE person SET staff_role = $2 WHERE id = $1",
            id.uuid(),
            role.map(StaffRole::as_str),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Shuts a person out from `at`, or lets them in again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_disabled(&mut self, id: PersonId, at: Option<Timestamp>) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE person SET disabled_at = $2 WHERE id = $1",
            id.uuid(),
            at.map(|at| at.to_sqlx()) as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Sets what a person signs in with.
    ///
    /// # Errors
    /// [`crate::Conflict::PersonEmail`] when somebody else signs in with it.
    pub async fn set_person_email(&mut self, id: PersonId, email: &EmailAddress) -> Result<(), StoreError> {
        let account = email.as_account();
        sqlx::query!(
            "UPDATE person SET email = $2 WHERE id = $1",
            id.uuid(),
            account.as_str(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The owners who can sign in, their rows held until the unit ends, so that of two who go at once one stays.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_owners(&mut self) -> Result<Vec<PersonId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "SELECT id FROM person WHERE staff_role = 'owner' AND disabled_at IS NULL ORDER BY id FOR UPDATE",
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        Ok(rows.into_iter().map(PersonId::from_uuid).collect())
    }
}
