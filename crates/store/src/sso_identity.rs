//! Who somebody is at a provider, and the sessions that a provider opened.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use crate::session::EndReason;
use domain::{EmailAddress, OrganizationId, PersonId, PersonName, ProviderId, SessionId, StaffRole};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// How an identity and an account came together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkedBecause {
    /// The account was made for it.
    Newcomer,
    /// The provider vouched for the account's address.
    Address,
    /// The person said so while they were signed in.
    Person,
}

impl LinkedBecause {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newcomer => "newcomer",
            Self::Address => "address",
            Self::Person => "person",
        }
    }
}

/// Somebody at a provider.
#[derive(Debug, Clone, Copy)]
pub struct NewIdentity<'a> {
    /// The provider.
    pub provider: ProviderId,
    /// Its name for the person.
    pub subject: &'a str,
    /// The person.
    pub person: PersonId,
    /// How it came about.
    pub because: LinkedBecause,
    /// When it is.
    pub now: Timestamp,
}

/// An identity as its person sees it.
#[derive(Debug, Clone)]
pub struct IdentityRecord {
    /// The provider.
    pub provider: ProviderId,
    /// The provider's name for people.
    pub name: String,
    /// When it was added to the account.
    pub linked_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
}

/// A person without a password.
#[derive(Debug)]
pub struct Newcomer<'a> {
    /// Identity.
    pub id: PersonId,
    /// Their address.
    pub email: &'a EmailAddress,
    /// Name for people.
    pub name: &'a PersonName,
    /// Their role in the staff.
    pub staff: Option<StaffRole>,
    /// When it is.
    pub now: Timestamp,
}

impl Scoped {
    /// A person's identities at providers, by the providers' names.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn identities(&self, person: PersonId) -> Result<Vec<IdentityRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT i.provider_id, v.name, i.linked_at AS "linked_at: jiff_sqlx::Timestamp",
                    i.last_used_at AS "last_used_at: jiff_sqlx::Timestamp"
             FROM sso_identity i JOIN sso_provider v ON v.id = i.provider_id WHERE i.person_id = $1 ORDER BY lower(v.name)"#,
            person.uuid(),
        )
        .fetch_all(&self.pool)
        .await?;
        let records = rows.into_iter().map(|row| IdentityRecord {
            provider: ProviderId::from_uuid(row.provider_id),
            name: row.name,
            linked_at: row.linked_at.to_jiff(),
            last_used_at: row.last_used_at.to_jiff(),
        });
        Ok(records.collect())
    }

    /// The organization that a session is confined to, because its provider opened it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn session_confined_to(
        &self,
        session: SessionId,
    ) -> Result<Option<OrganizationId>, StoreError> {
        let found = sqlx::query_scalar!(
            "SELECT v.organization_id FROM session s JOIN sso_provider v ON v.id = s.provider_id WHERE s.id = $1",
            session.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.flatten().map(OrganizationId::from_uuid))
    }
}

impl Unit {
    /// The person whom a provider knows by this name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn person_of_identity(
        &mut self,
        provider: ProviderId,
        subject: &str,
    ) -> Result<Option<PersonId>, StoreError> {
        let found = sqlx::query_scalar!(
            "SELECT person_id FROM sso_identity WHERE provider_id = $1 AND subject = $2",
            provider.uuid(),
            subject,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(found.map(PersonId::from_uuid))
    }

    /// Whether the provider knows this person by some name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn has_identity(&mut self, provider: ProviderId, person: PersonId) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM sso_identity WHERE provider_id = $1 AND person_id = $2) AS "known!""#,
            provider.uuid(),
            person.uuid(),
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Writes down who somebody is at a provider.
    ///
    /// # Errors
    /// [`crate::Conflict::Identity`] when the name or the person is taken there.
    pub async fn insert_identity(&mut self, identity: NewIdentity<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO sso_identity (provider_id, subject, person_id, linked_because, linked_at, last_used_at)
             VALUES ($1, $2, $3, $4, $5, $5)",
            identity.provider.uuid(),
            identity.subject,
            identity.person.uuid(),
            identity.because.as_str(),
            identity.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Notes that an identity was used.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn identity_used(
        &mut self,
        provider: ProviderId,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE sso_identity SET last_used_at = $3 WHERE provider_id = $1 AND subject = $2",
            provider.uuid(),
            subject,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Takes a person's identity at a provider away; whether there was one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn delete_identity(
        &mut self,
        provider: ProviderId,
        person: PersonId,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "DELETE FROM sso_identity WHERE provider_id = $1 AND person_id = $2",
            provider.uuid(),
            person.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Writes down somebody who has no password.
    ///
    /// # Errors
    /// [`crate::Conflict::PersonEmail`] when somebody signs in with that address.
    pub async fn insert_newcomer(&mut self, person: Newcomer<'_>) -> Result<(), StoreError> {
        let account = person.email.as_account();
        sqlx::query!(
            "INSERT INTO person (id, email, name, staff_role, created_at) VALUES ($1, $2, $3, $4, $5)",
            person.id.uuid(),
            account.as_str(),
            person.name.as_str(),
            person.staff.map(StaffRole::as_str),
            person.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Says which provider opened a session, and which of its own sessions it did so in.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn session_opened_by(
        &mut self,
        session: SessionId,
        provider: ProviderId,
        provider_session: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE session SET provider_id = $2, provider_session = $3 WHERE id = $1",
            session.uuid(),
            provider.uuid(),
            provider_session,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Ends sessions that a provider opened: all of them, those of a person, those of one of its own sessions; gives
    /// how many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_provider_sessions(
        &mut self,
        provider: ProviderId,
        person: Option<PersonId>,
        provider_session: Option<&str>,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let changed = sqlx::query!(
            "UPDATE session SET ended_at = $5, ended_because = $4
             WHERE provider_id = $1 AND ended_at IS NULL AND expires_at > $5
               AND ($2::uuid IS NULL OR person_id = $2) AND ($3::text IS NULL OR provider_session = $3)",
            provider.uuid(),
            person.map(PersonId::uuid),
            provider_session,
            reason.as_str(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected())
    }

    /// Notes a logout token as obeyed until `over_at`; whether it is the first time.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn first_logout(
        &mut self,
        provider: ProviderId,
        hash: &[u8],
        over_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "INSERT INTO sso_logout (provider_id, token_hash, over_at) VALUES ($1, $2, $3)
             ON CONFLICT ON CONSTRAINT sso_logout_pkey DO NOTHING",
            provider.uuid(),
            hash,
            over_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}
