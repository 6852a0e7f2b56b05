//! Customers' organizations and their members.

use crate::error::{StoreError, read};
use crate::scope::{Bounds, Scoped, Unit};
use domain::{Extent, OrganizationId, OrganizationRole, PersonId, PersonName, SupportWish};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// A customer's account.
#[derive(Debug, Clone)]
pub struct OrganizationRecord {
    /// Identity.
    pub id: OrganizationId,
    /// Name for people.
    pub name: String,
    /// How many belong to it.
    pub members: i64,
    /// How many tenants it has, tombstones not counted.
    pub tenants: i64,
    /// Whether its members must have a second factor.
    pub requires_factor: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it wants of support accesses.
    pub support_wish: SupportWish,
}

/// Somebody who belongs to an organization.
#[derive(Debug, Clone)]
pub struct MemberRecord {
    /// Who.
    pub person: PersonId,
    /// What they sign in with.
    pub email: String,
    /// The e-mail address that they gave, while nobody has confirmed it.
    pub claimed_email: Option<String>,
    /// Name for people.
    pub name: String,
    /// What they are in it.
    pub role: OrganizationRole,
    /// When they joined.
    pub since: Timestamp,
}

impl Scoped {
    /// The organizations of this extent, by name; only one of them, if one is given.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn organizations(
        &self,
        extent: &Extent,
        only: Option<OrganizationId>,
    ) -> Result<Vec<OrganizationRecord>, StoreError> {
        let bounds = Bounds::from(extent);
        let rows = sqlx::query!(
            r#"SELECT o.id, o.name, o.support_wish, o.requires_factor, o.created_at AS "created_at: jiff_sqlx::Timestamp",
                    (SELECT count(*) FROM membership m WHERE m.organization_id = o.id) AS "members!",
                    (SELECT count(*) FROM tenant t WHERE t.organization_id = o.id AND t.state <> 'deleted') AS "tenants!"
             FROM organization o WHERE ($1 OR o.id = ANY($2)) AND ($3::uuid IS NULL OR o.id = $3)
             ORDER BY lower(o.name), o.id"#,
            bounds.every_organization && bounds.tenants.is_none(),
            &bounds.organizations,
            only.map(OrganizationId::uuid),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(OrganizationRecord {
                    id: OrganizationId::from_uuid(row.id),
                    name: row.name,
                    members: row.members,
                    tenants: row.tenants,
                    requires_factor: row.requires_factor,
                    created_at: row.created_at.to_jiff(),
                    support_wish: read("organization.support_wish", &row.support_wish)?,
                })
            })
            .collect()
    }

    /// Who belongs to an organization, by address.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn members(&self, organization: OrganizationId) -> Result<Vec<MemberRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT p.id, p.email, p.name, m.role, m.since AS "since: jiff_sqlx::Timestamp", r.claimed_email AS "claimed_email?"
             FROM membership m JOIN person p ON p.id = m.person_id
             LEFT JOIN registration r ON r.person_id = p.id AND r.sign_in = p.email
             WHERE m.organization_id = $1 ORDER BY p.email"#,
            organization.uuid(),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(MemberRecord {
                    person: PersonId::from_uuid(row.id),
                    email: row.email,
                    claimed_email: row.claimed_email,
                    name: row.name,
                    role: read("membership.role", &row.role)?,
                    since: row.since.to_jiff(),
                })
            })
            .collect()
    }

    /// Which of these organizations there are.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn organizations_known(&self, ids: &[OrganizationId]) -> Result<i64, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM organization WHERE id = ANY($1)"#,
            &ids,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

impl Unit {
    /// Writes down an organization.
    ///
    /// # Errors
    /// [`crate::Conflict::OrganizationName`] when one of that name is there.
    pub async fn insert_organization(
        &mut self,
        id: OrganizationId,
        name: &PersonName,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO organization (id, name, created_at) VALUES ($1, $2, $3)",
            id.uuid(),
            name.as_str(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Gives an organization another name; whether there is such an organization.
    ///
    /// # Errors
    /// [`crate::Conflict::OrganizationName`] when one of that name is there.
    pub async fn rename_organization(
        &mut self,
        id: OrganizationId,
        name: &PersonName,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE organization SET name = $2 WHERE id = $1",
            id.uuid(),
            name.as_str(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// What somebody is in an organization; the memberships of all its owners are held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_membership(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<(Option<OrganizationRole>, usize), StoreError> {
        let rows = sqlx::query!(
            "SELECT person_id, role FROM membership WHERE organization_id = $1 AND (person_id = $2 OR role = 'owner')
             ORDER BY person_id FOR UPDATE",
            organization.uuid(),
            person.uuid(),
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let owners = rows.iter().filter(|row| row.role == "owner").count();
        let own = rows.iter().find(|row| row.person_id == person.uuid());
        let role = own.map(|row| read("membership.role", &row.role)).transpose()?;
        Ok((role, owners))
    }

    /// Takes somebody into an organization, or gives them another role in it; nothing takes them out.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_membership(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        role: Option<OrganizationRole>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match role {
            Some(role) => {
                sqlx::query!(
                    "INSERT INTO membership (organization_id, person_id, role, since) VALUES ($1, $2, $3, $4)
                     ON CONFLICT ON CONSTRAINT membership_pkey DO UPDATE SET role = excluded.role",
                    organization.uuid(),
                    person.uuid(),
                    role.as_str(),
                    now.to_sqlx() as _,
                )
                .execute(&mut *self.transaction)
                .await?;
            }
            None => {
                sqlx::query!(
                    "DELETE FROM membership WHERE organization_id = $1 AND person_id = $2",
                    organization.uuid(),
                    person.uuid(),
                )
                .execute(&mut *self.transaction)
                .await?;
            }
        }
        Ok(())
    }
}
