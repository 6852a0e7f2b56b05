//! Identity providers.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use domain::{DomainName, OrganizationId, PersonId, ProviderId, Role};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// An identity provider.
#[derive(Debug, Clone)]
pub struct ProviderRecord {
    /// Identity.
    pub id: ProviderId,
    /// Name for people.
    pub name: String,
    /// Its own name and address.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// The client's secret, encrypted.
    pub sealed: Option<Vec<u8>>,
    /// Whose members it speaks for; nothing for the staff.
    pub organization: Option<OrganizationId>,
    /// The e-mail domains that it may speak for.
    pub domains: Vec<DomainName>,
    /// What newcomers become; nothing lets only known people in.
    pub newcomers: Option<Role>,
    /// Whether passwords open nothing any more.
    pub enforced: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// From when on nobody signs in with it.
    pub disabled_at: Option<Timestamp>,
}

struct Row {
    id: Uuid,
    name: String,
    issuer: String,
    client_id: String,
    sealed: Option<Vec<u8>>,
    organization_id: Option<Uuid>,
    domains: Vec<String>,
    newcomer_role: Option<String>,
    enforced: bool,
    created_at: jiff_sqlx::Timestamp,
    disabled_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for ProviderRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let column = "sso_provider.newcomer_role";
        let newcomers = match (row.newcomer_role.as_deref(), row.organization_id) {
            (None, _) => None,
            (Some(word), None) => Some(Role::Staff(read(column, word)?)),
            (Some(word), Some(_)) => Some(Role::Organization(read(column, word)?)),
        };
        let domains = row
            .domains
            .iter()
            .map(|domain| read("sso_provider.domains", domain));
        Ok(Self {
            id: ProviderId::from_uuid(row.id),
            name: row.name,
            issuer: row.issuer,
            client_id: row.client_id,
            sealed: row.sealed,
            organization: row.organization_id.map(OrganizationId::from_uuid),
            domains: domains.collect::<Result<_, _>>()?,
            newcomers,
            enforced: row.enforced,
            created_at: row.created_at.to_jiff(),
            disabled_at: row.disabled_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

fn words(domains: &[DomainName]) -> Vec<String> {
    domains.iter().map(ToString::to_string).collect()
}

impl Scoped {
    /// Every provider, by name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn providers(&self) -> Result<Vec<ProviderRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, name, issuer, client_id, sealed, organization_id, domains, newcomer_role, enforced, created_at,
                disabled_at FROM sso_provider ORDER BY lower(name)",
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(ProviderRecord::try_from)
        .collect()
    }

    /// The providers in use that are offered to whoever has an address of this domain: the staff's always, an
    /// organization's only then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn offered_providers(&self, domain: Option<&str>) -> Result<Vec<ProviderRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, name, issuer, client_id, sealed, organization_id, domains, newcomer_role, enforced, created_at,
                disabled_at FROM sso_provider
             WHERE disabled_at IS NULL AND (organization_id IS NULL OR $1::text = ANY(domains)) ORDER BY lower(name)",
            domain,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(ProviderRecord::try_from)
        .collect()
    }

    /// One provider.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn provider(&self, id: ProviderId) -> Result<Option<ProviderRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, name, issuer, client_id, sealed, organization_id, domains, newcomer_role, enforced, created_at,
                disabled_at FROM sso_provider WHERE id = $1",
            id.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?
        .map(ProviderRecord::try_from)
        .transpose()
    }

    /// Whether a password opens nothing for this person: a provider is enforced for the staff and they are no owner of
    /// it, or for each of their organizations and they are no staff.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn password_is_barred(&self, person: PersonId) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT CASE
                 WHEN p.staff_role = 'owner' THEN false
                 WHEN p.staff_role IS NOT NULL THEN EXISTS (SELECT FROM sso_provider e
                    WHERE e.organization_id IS NULL AND e.enforced AND e.disabled_at IS NULL)
                 ELSE EXISTS (SELECT FROM membership m WHERE m.person_id = p.id)
                    AND NOT EXISTS (SELECT FROM membership m WHERE m.person_id = p.id AND NOT EXISTS
                        (SELECT FROM sso_provider e WHERE e.organization_id = m.organization_id AND e.enforced
                            AND e.disabled_at IS NULL))
                 END AS "barred!"
               FROM person p WHERE p.id = $1"#,
            person.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?
        .unwrap_or(false))
    }
}

impl Unit {
    /// A provider, its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_provider(&mut self, id: ProviderId) -> Result<Option<ProviderRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, name, issuer, client_id, sealed, organization_id, domains, newcomer_role, enforced, created_at,
                disabled_at FROM sso_provider WHERE id = $1 FOR UPDATE",
            id.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?
        .map(ProviderRecord::try_from)
        .transpose()
    }

    /// Writes down a provider.
    ///
    /// # Errors
    /// [`crate::Conflict::ProviderName`] when one of that name is there.
    pub async fn insert_provider(&mut self, provider: &ProviderRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO sso_provider (id, name, issuer, client_id, sealed, organization_id, domains, newcomer_role,
                 enforced, created_at, disabled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            provider.id.uuid(),
            provider.name,
            provider.issuer,
            provider.client_id,
            provider.sealed,
            provider.organization.map(OrganizationId::uuid),
            &words(&provider.domains),
            provider.newcomers.map(Role::as_str),
            provider.enforced,
            provider.created_at.to_sqlx() as _,
            provider.disabled_at.map(|at| at.to_sqlx()) as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes down what can be changed of a provider. Issuer, client and scope stay as they are.
    ///
    /// # Errors
    /// [`crate::Conflict::ProviderName`] when one of that name is there.
    pub async fn update_provider(&mut self, provider: &ProviderRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE sso_provider SET name = $2, sealed = $3, domains = $4, newcomer_role = $5, enforced = $6,
                 disabled_at = $7 WHERE id = $1",
            provider.id.uuid(),
            provider.name,
            provider.sealed,
            &words(&provider.domains),
            provider.newcomers.map(Role::as_str),
            provider.enforced,
            provider.disabled_at.map(|at| at.to_sqlx()) as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Removes a provider, who is who at it, and every session that it opened.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn delete_provider(&mut self, id: ProviderId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM sso_provider WHERE id = $1", id.uuid())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
