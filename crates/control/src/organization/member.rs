//! Members of an organization: another role, or out.

use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, OrganizationId, OrganizationRole, PersonId, Role};
use serde_json::json;
use wire::person::UpdateMember;

impl Control {
    /// Gives a member another role.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for somebody or a role above the caller; [`ConflictReason::LastOwner`].
    pub async fn update_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        person: PersonId,
        request: &UpdateMember,
    ) -> Result<(), ControlError> {
        self.organization_for(caller, Action::ChangeMember, organization)
            .await?;
        let mut errors = FieldErrors::default();
        let role: Option<OrganizationRole> = errors.required("role", request.role.as_deref());
        let role = role.ok_or_else(|| ControlError::fields(errors))?;
        self.change_member(caller, organization, person, Some(role)).await
    }

    /// Takes somebody out of an organization, at once. Whoever may not change members may still leave.
    ///
    /// # Errors
    /// As [`Control::update_member`].
    pub async fn remove_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        person: PersonId,
    ) -> Result<(), ControlError> {
        let leaves = caller.person().is_ok_and(|own| own.person == person);
        let action = match leaves {
            true => Action::ReadOrganizations,
            false => Action::ChangeMember,
        };
        self.organization_for(caller, action, organization).await?;
        self.change_member(caller, organization, person, None).await
    }

    async fn change_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        person: PersonId,
        role: Option<OrganizationRole>,
    ) -> Result<(), ControlError> {
        let own = caller.principal.role_over(Some(organization));
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let (before, owners) = unit.lock_membership(organization, person).await?;
        let before = before.ok_or(ControlError::NotFound("member"))?;
        let below = |role: OrganizationRole| own.is_some_and(|own| own.covers(Role::Organization(role)));
        if !below(before) || role.is_some_and(|role| !below(role)) {
            return Err(ControlError::Forbidden);
        }
        if before == OrganizationRole::Owner && role != Some(OrganizationRole::Owner) && owners == 1 {
            return Err(ControlError::Conflict(ConflictReason::LastOwner));
        }
        unit.set_membership(organization, person, role, self.world.now())
            .await?;
        let detail = json!({ "person": person, "before": before, "after": role });
        let action = Action::ChangeMember.as_str();
        self.note(&mut unit, caller, action, &organization.to_string(), detail)
            .await?;
        Ok(unit.commit().await?)
    }
}
