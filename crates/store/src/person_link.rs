//! One-time links of people: invitation, forgotten password, another address.

use crate::error::{StoreError, read_optional};
use crate::scope::{Scoped, Unit};
use domain::{EmailAddress, OrganizationId, OrganizationRole, PersonId, Role, StaffRole};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// What a person's one-time link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonLinkPurpose {
    /// Joining the staff or an organization.
    Invitation,
    /// Setting another password.
    Reset,
    /// Signing in with another address.
    Email,
}

impl PersonLinkPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::Email => "email",
        }
    }

    fn of(word: &str) -> Result<Self, StoreError> {
        match word {
            "invitation" => Ok(Self::Invitation),
            "reset" => Ok(Self::Reset),
            "email" => Ok(Self::Email),
            _ => Err(StoreError::Corrupt {
                column: "one_time_link.purpose",
            }),
        }
    }
}

/// A link to be written down.
#[derive(Debug)]
pub struct NewPersonLink<'a> {
    /// SHA-256 of its token.
    pub hash: &'a [u8],
    /// What it is for.
    pub purpose: PersonLinkPurpose,
    /// Whose password or address it changes.
    pub person: Option<PersonId>,
    /// Whom it invites, or the address that it changes to.
    pub email: Option<&'a EmailAddress>,
    /// The role that it gives.
    pub role: Option<Role>,
    /// The organization that it leads into.
    pub organization: Option<OrganizationId>,
    /// When it is made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A link that somebody brought and that worked.
#[derive(Debug, Clone)]
pub struct PersonLink {
    /// What it is for.
    pub purpose: PersonLinkPurpose,
    /// Whose password or address it changes.
    pub person: Option<PersonId>,
    /// Whom it invites, or the address that it changes to.
    pub email: Option<EmailAddress>,
    /// The role that it gives.
    pub role: Option<Role>,
    /// The organization that it leads into.
    pub organization: Option<OrganizationId>,
}

struct Row {
    purpose: String,
    person_id: Option<Uuid>,
    email: Option<String>,
    staff_role: Option<String>,
    organization_id: Option<Uuid>,
    organization_role: Option<String>,
}

impl TryFrom<Row> for PersonLink {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let staff: Option<StaffRole> = read_optional("one_time_link.staff_role", row.staff_role.as_deref())?;
        let member: Option<OrganizationRole> = read_optional(
            "one_time_link.organization_role",
            row.organization_role.as_deref(),
        )?;
        Ok(Self {
            purpose: PersonLinkPurpose::of(&row.purpose)?,
            person: row.person_id.map(PersonId::from_uuid),
            email: read_optional("one_time_link.email", row.email.as_deref())?,
            role: staff.map(Role::Staff).or(member.map(Role::Organization)),
            organization: row.organization_id.map(OrganizationId::from_uuid),
        })
    }
}

/// An invitation that was not accepted yet.
#[derive(Debug, Clone)]
pub struct OpenInvitation {
    /// Whom it invites.
    pub email: String,
    /// The role that it gives.
    pub role: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Scoped {
    /// A person's link that works, without using it up. Nothing for one that does not work.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn person_link(&self, hash: &[u8], now: Timestamp) -> Result<Option<PersonLink>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT purpose, person_id, email, staff_role, organization_id, organization_role FROM one_time_link
             WHERE hash = $1 AND purpose IN ('invitation', 'reset', 'email') AND used_at IS NULL AND expires_at > $2",
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(&self.pool)
        .await?
        .map(PersonLink::try_from)
        .transpose()
    }

    /// The invitations into this organization, or into the staff, that still work.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_invitations(
        &self,
        organization: Option<OrganizationId>,
        now: Timestamp,
    ) -> Result<Vec<OpenInvitation>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT email AS "email!", coalesce(staff_role, organization_role) AS "role!",
                    coalesce(created_by, 'system') AS "created_by!",
                    created_at AS "created_at: jiff_sqlx::Timestamp", expires_at AS "expires_at: jiff_sqlx::Timestamp"
             FROM one_time_link WHERE purpose = 'invitation' AND used_at IS NULL AND expires_at > $2
               AND organization_id IS NOT DISTINCT FROM $1 ORDER BY created_at DESC"#,
            organization.map(OrganizationId::uuid),
            now.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| OpenInvitation {
                email: row.email,
                role: row.role,
                created_by: row.created_by,
                created_at: row.created_at.to_jiff(),
                expires_at: row.expires_at.to_jiff(),
            })
            .collect())
    }
}

impl Unit {
    /// Writes down a link. Earlier ones of the same purpose for the same person or invitation stop working.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_person_link(&mut self, link: NewPersonLink<'_>) -> Result<(), StoreError> {
        let email = link.email.map(EmailAddress::as_account);
        let email = email.as_ref().map(EmailAddress::as_str);
        let organization = link.organization.map(OrganizationId::uuid);
        sqlx::query!(
            "UPDATE one_time_link SET used_at = $5 WHERE purpose = $1 AND used_at IS NULL
               AND person_id IS NOT DISTINCT FROM $2 AND organization_id IS NOT DISTINCT FROM $3
               AND (purpose <> 'invitation' OR email = $4)",
            link.purpose.as_str(),
            link.person.map(PersonId::uuid),
            organization,
            email,
            link.created_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        let (staff, member) = match link.role {
            Some(Role::Staff(role)) => (Some(role.as_str()), None),
            Some(Role::Organization(role)) => (None, Some(role.as_str())),
            None => (None, None),
        };
        sqlx::query!(
            "INSERT INTO one_time_link (hash, purpose, person_id, email, staff_role, organization_id, organization_role,
                                        created_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            link.hash,
            link.purpose.as_str(),
            link.person.map(PersonId::uuid),
            email,
            staff,
            organization,
            member,
            self.behalf.to_string(),
            link.created_at.to_sqlx() as _,
            link.expires_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Uses up a person's link: the same token is refused from then on. Nothing for one that does not work.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_person_link(
        &mut self,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<PersonLink>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            "UPDATE one_time_link SET used_at = $2
             WHERE hash = $1 AND purpose IN ('invitation', 'reset', 'email') AND used_at IS NULL AND expires_at > $2
             RETURNING purpose, person_id, email, staff_role, organization_id, organization_role",
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        row.map(PersonLink::try_from).transpose()
    }

    /// Makes every link useless that this person made, as when they are shut out.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn void_links_made_by(&mut self, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE one_time_link SET used_at = $2 WHERE created_by = $1 AND used_at IS NULL",
            person.to_string(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Makes every link of a person's useless, as after a new password.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn void_person_links(&mut self, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE one_time_link SET used_at = $2 WHERE person_id = $1 AND used_at IS NULL",
            person.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
