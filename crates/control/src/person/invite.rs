//! Links for people, made by staff or by the heads of an organization. No mail is sent: whoever asks hands the link on.

use super::list::PersonRef;
use crate::sealing::token_hash;
use crate::{Caller, Control, ControlError};
use domain::{Action, EmailAddress, FieldErrors, OrganizationId, OrganizationRole, Role, Rule, StaffRole};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEntry, NewPersonLink, PersonLinkPurpose, PersonRecord, Unit};
use wire::Plaintext;
use wire::person::{ChangeEmail, Invite, OneTimeLink};

/// How long an invitation works.
const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a link works that opens an account that is there.
const RESET_LIFE: SignedDuration = SignedDuration::from_hours(24);

impl Control {
    /// Invites somebody into the staff.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::Forbidden`] for a role above the caller's own.
    pub async fn invite_person(
        &self,
        caller: &Caller,
        request: &Invite,
    ) -> Result<OneTimeLink, ControlError> {
        caller.require(Action::InvitePerson)?;
        let mut errors = FieldErrors::default();
        let email: Option<EmailAddress> = errors.required("email", request.email.as_deref());
        let role: Option<StaffRole> = errors.required("role", request.role.as_deref());
        let (Some(email), Some(role), true) = (email, role, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        self.invite(caller, &email, Role::Staff(role), None).await
    }

    /// Invites somebody into an organization.
    ///
    /// # Errors
    /// As [`Control::invite_person`]; [`ControlError::NotFound`] for an organization that the caller may not see.
    pub async fn invite_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        request: &Invite,
    ) -> Result<OneTimeLink, ControlError> {
        self.organization_for(caller, Action::InviteMember, organization)
            .await?;
        let mut errors = FieldErrors::default();
        let email: Option<EmailAddress> = errors.required("email", request.email.as_deref());
        let role: Option<OrganizationRole> = errors.required("role", request.role.as_deref());
        let (Some(email), Some(role), true) = (email, role, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        self.invite(caller, &email, Role::Organization(role), Some(organization))
            .await
    }

    async fn invite(
        &self,
        caller: &Caller,
        email: &EmailAddress,
        role: Role,
        organization: Option<OrganizationId>,
    ) -> Result<OneTimeLink, ControlError> {
        check_can_be_had("email", email)?;
        let own = caller.principal.role_over(organization);
        if !own.is_some_and(|own| own.covers(role)) {
            return Err(ControlError::Forbidden);
        }
        let token = hex::encode(self.world.bytes::<32>());
        let now = self.world.now();
        let expires_at = now + INVITATION_LIFE;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.insert_person_link(NewPersonLink {
            hash: &token_hash(&token),
            purpose: PersonLinkPurpose::Invitation,
            person: None,
            email: Some(email),
            role: Some(role),
            organization,
            created_at: now,
            expires_at,
        })
        .await?;
        let action = match organization {
            Some(_) => Action::InviteMember,
            None => Action::InvitePerson,
        };
        let detail = json!({ "role": role.as_str(), "organization": organization });
        self.note(&mut unit, caller, action.as_str(), email.as_str(), detail)
            .await?;
        unit.commit().await?;
        Ok(OneTimeLink {
            link: Plaintext::new(format!("{}/invitation#{token}", self.settings.panel)),
            email: email.to_string(),
            expires_at,
        })
    }

    /// Makes a link with which a person sets another password.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Forbidden`] for somebody above the caller.
    pub async fn reset_person(&self, caller: &Caller, who: &PersonRef) -> Result<OneTimeLink, ControlError> {
        caller.require(Action::ResetPerson)?;
        let person = self.person_below(caller, who).await?;
        self.account_link(caller, &person, PersonLinkPurpose::Reset, None)
            .await
    }

    /// Makes a link with which a person signs in with another address, once they followed it.
    ///
    /// # Errors
    /// As [`Control::reset_person`]; [`ControlError::Invalid`] on `new_email`.
    pub async fn change_person_email(
        &self,
        caller: &Caller,
        who: &PersonRef,
        request: &ChangeEmail,
    ) -> Result<OneTimeLink, ControlError> {
        caller.require(Action::ResetPerson)?;
        let mut errors = FieldErrors::default();
        let email: Option<EmailAddress> = errors.required("new_email", request.new_email.as_deref());
        let email = email.ok_or_else(|| ControlError::fields(errors))?;
        check_can_be_had("new_email", &email)?;
        let person = self.person_below(caller, who).await?;
        self.account_link(caller, &person, PersonLinkPurpose::Email, Some(&email))
            .await
    }

    async fn account_link(
        &self,
        caller: &Caller,
        person: &PersonRecord,
        purpose: PersonLinkPurpose,
        email: Option<&EmailAddress>,
    ) -> Result<OneTimeLink, ControlError> {
        let token = hex::encode(self.world.bytes::<32>());
        let now = self.world.now();
        let expires_at = now + RESET_LIFE;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.insert_person_link(NewPersonLink {
            hash: &token_hash(&token),
            purpose,
            person: Some(person.id),
            email,
            role: None,
            organization: None,
            created_at: now,
            expires_at,
        })
        .await?;
        let (action, page) = match purpose {
            PersonLinkPurpose::Email => ("person.email-link", "new-email"),
            PersonLinkPurpose::Reset | PersonLinkPurpose::Invitation => ("person.reset", "reset-password"),
        };
        let detail = json!({ "person": person.id });
        self.note(&mut unit, caller, action, person.email.as_str(), detail)
            .await?;
        unit.commit().await?;
        Ok(OneTimeLink {
            link: Plaintext::new(format!("{}/{page}#{token}", self.settings.panel)),
            email: email.unwrap_or(&person.email).to_string(),
            expires_at,
        })
    }

    /// Writes an audit entry of this caller's in the unit.
    pub(crate) async fn note(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
    ) -> Result<(), ControlError> {
        Ok(unit
            .audit(AuditEntry {
                at: self.world.now(),
                action,
                subject,
                operation: None,
                request_id: caller.request_id.as_deref(),
                detail,
            })
            .await?)
    }
}

/// Refuses what those sign in with whose address nobody has confirmed: it is nobody's address.
pub(crate) fn check_can_be_had(field: &str, email: &EmailAddress) -> Result<(), ControlError> {
    match email.unconfirmed_word() {
        None => Ok(()),
        Some(_) => Err(ControlError::field(field, Rule::Email)),
    }
}
