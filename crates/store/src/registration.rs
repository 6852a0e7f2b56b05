//! Customers who registered themselves.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{DatabaseName, EmailAddress, OrganizationId, PersonId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// A registration to be written down.
#[derive(Debug)]
pub struct NewRegistration<'a> {
    /// Who.
    pub person: PersonId,
    /// The organization that was made with them.
    pub organization: OrganizationId,
    /// What they sign in with until their address is confirmed.
    pub sign_in: &'a EmailAddress,
    /// The address that they gave.
    pub claimed: &'a EmailAddress,
    /// From where.
    pub network: &'a str,
    /// When.
    pub now: Timestamp,
}

impl Scoped {
    /// Whether a name is somebody's, or kept for them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn name_is_taken(&self, name: &DatabaseName) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM name_reservation WHERE database_name = $1) AS "taken!""#,
            name.as_str()
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The address that somebody gave and that nobody has confirmed.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claimed_email(&self, person: PersonId) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            "SELECT r.claimed_email FROM registration r JOIN person p ON p.id = r.person_id
             WHERE r.person_id = $1 AND p.email = r.sign_in",
            person.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?)
    }
}

impl Unit {
    /// How many registered since then: in all, and from this network.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn registrations_since(
        &mut self,
        since: Timestamp,
        network: &str,
    ) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "all!", count(*) FILTER (WHERE network = $2) AS "near!" FROM registration WHERE at > $1"#,
            since.to_sqlx() as _,
            network,
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok((row.all, row.near))
    }

    /// Writes down a registration.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_registration(&mut self, new: NewRegistration<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO registration (person_id, organization_id, sign_in, claimed_email, network, at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            new.person.uuid(),
            new.organization.uuid(),
            new.sign_in.as_str(),
            new.claimed.as_str(),
            new.network,
            new.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
