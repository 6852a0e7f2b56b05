//! Whose account it is that a provider vouches for. The rule, with its reasons, stands in ADR 0019.

use super::refusal::SignOnRefusal;
use crate::{Client, Control, ControlError};
use domain::{EmailAddress, OrganizationRole, PersonId, PersonName, Role, StaffRole};
use oidc::Identity;
use serde_json::json;
use store::{AuditEntry, LinkedBecause, NewIdentity, Newcomer, PersonRecord, ProviderRecord, Unit};

impl Control {
    /// The account of somebody whom a provider vouched for: the one that belongs to the identity; the one that has the
    /// address, if the provider may speak for it; or a new one, if newcomers are taken.
    pub(crate) async fn person_for(
        &self,
        unit: &mut Unit,
        client: &Client,
        provider: &ProviderRecord,
        identity: &Identity,
    ) -> Result<PersonRecord, ControlError> {
        self.check_domain(provider, identity)?;
        if let Some(known) = unit.person_of_identity(provider.id, &identity.subject).await? {
            let person = unit.lock_person(known).await?.ok_or(SignOnRefusal::Unknown)?;
            self.check_belongs(unit, provider, &person).await?;
            return Ok(person);
        }
        let email = vouched_for(provider, identity)?;
        let (person, because) = match unit.lock_person_by_email(&email).await? {
            Some(person) => {
                self.may_be_joined(unit, provider, &person).await?;
                (person, LinkedBecause::Address)
            }
            None => (
                self.newcomer(unit, provider, identity, &email).await?,
                LinkedBecause::Newcomer,
            ),
        };
        let now = self.world.now();
        unit.insert_identity(NewIdentity {
            provider: provider.id,
            subject: &identity.subject,
            person: person.id,
            because,
            now,
        })
        .await?;
        unit.audit(AuditEntry {
            at: now,
            action: "sso.link",
            subject: &person.id.to_string(),
            operation: None,
            request_id: client.request_id.as_deref(),
            detail: json!({ "provider": provider.id, "because": because.as_str() }),
        })
        .await?;
        Ok(person)
    }

    /// A provider with domains speaks for them alone, also of somebody who is known already.
    pub(crate) fn check_domain(
        &self,
        provider: &ProviderRecord,
        identity: &Identity,
    ) -> Result<(), ControlError> {
        let Some(email) = &identity.email else {
            return Ok(());
        };
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        let own = |known: &domain::DomainName| known.as_str().eq_ignore_ascii_case(domain);
        match provider.domains.is_empty() || provider.domains.iter().any(own) {
            true => Ok(()),
            false => Err(SignOnRefusal::Domain.into()),
        }
    }

    /// Whether the person is, now, one whom the provider speaks for.
    pub(crate) async fn check_belongs(
        &self,
        unit: &mut Unit,
        provider: &ProviderRecord,
        person: &PersonRecord,
    ) -> Result<(), ControlError> {
        if person.disabled_at.is_some() {
            return Err(SignOnRefusal::Disabled.into());
        }
        match self.role_there(unit, provider, person).await? {
            Some(_) => Ok(()),
            None => Err(SignOnRefusal::Outside.into()),
        }
    }

    /// Whether a provider's word alone joins its identity with an account that is there: not with an owner's, nor with
    /// one that does not belong there yet, nor with one that it knows by another name.
    async fn may_be_joined(
        &self,
        unit: &mut Unit,
        provider: &ProviderRecord,
        person: &PersonRecord,
    ) -> Result<(), ControlError> {
        if person.disabled_at.is_some() {
            return Err(SignOnRefusal::Disabled.into());
        }
        let role = self.role_there(unit, provider, person).await?;
        let owner = matches!(
            role,
            Some(Role::Staff(StaffRole::Owner) | Role::Organization(OrganizationRole::Owner))
        );
        if role.is_none() || owner {
            return Err(SignOnRefusal::Confirm.into());
        }
        match unit.has_identity(provider.id, person.id).await? {
            true => Err(SignOnRefusal::Taken.into()),
            false => Ok(()),
        }
    }

    /// What the person is where the provider speaks.
    async fn role_there(
        &self,
        unit: &mut Unit,
        provider: &ProviderRecord,
        person: &PersonRecord,
    ) -> Result<Option<Role>, ControlError> {
        match provider.organization {
            None => Ok(person.staff.map(Role::Staff)),
            Some(organization) => {
                let (role, _) = unit.lock_membership(organization, person.id).await?;
                Ok(role.map(Role::Organization))
            }
        }
    }

    async fn newcomer(
        &self,
        unit: &mut Unit,
        provider: &ProviderRecord,
        identity: &Identity,
        email: &EmailAddress,
    ) -> Result<PersonRecord, ControlError> {
        let role = provider.newcomers.ok_or(SignOnRefusal::Unknown)?;
        let staff = match role {
            Role::Staff(role) => Some(role),
            Role::Organization(_) => None,
        };
        let now = self.world.now();
        let id = PersonId::from_uuid(self.world.uuid());
        unit.insert_newcomer(Newcomer {
            id,
            email,
            name: &name_of(identity, email)?,
            staff,
            now,
        })
        .await?;
        if let (Role::Organization(role), Some(organization)) = (role, provider.organization) {
            unit.set_membership(organization, id, Some(role), now).await?;
        }
        let person = unit.lock_person(id).await?;
        person.ok_or_else(|| SignOnRefusal::Unknown.into())
    }
}

/// The address, if the provider vouches for it and may do so.
fn vouched_for(provider: &ProviderRecord, identity: &Identity) -> Result<EmailAddress, ControlError> {
    let email = identity.email.as_deref().filter(|_| identity.email_verified);
    let email = email.ok_or(SignOnRefusal::Unverified)?;
    if provider.domains.is_empty() {
        return Err(SignOnRefusal::Domain.into());
    }
    email.parse().map_err(|_| SignOnRefusal::Unverified.into())
}

/// The provider's name for them, or what stands before the `@`.
fn name_of(identity: &Identity, email: &EmailAddress) -> Result<PersonName, ControlError> {
    let given = identity.name.as_deref().and_then(|name| name.parse().ok());
    let fallback = email.as_str().split('@').next().unwrap_or_default();
    match given {
        Some(name) => Ok(name),
        None => fallback.parse().map_err(|rule| ControlError::field("name", rule)),
    }
}
