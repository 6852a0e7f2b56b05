//! Looking at organizations and their members.

use crate::person::view::invitation_view;
use crate::{Caller, Control, ControlError};
use domain::{Action, OrganizationId};
use store::OrganizationRecord;
use wire::person::{Member, MemberList, Organization};

impl Control {
    /// The organizations that the caller may see, by name.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn organizations(&self, caller: &Caller) -> Result<Vec<Organization>, ControlError> {
        let reach = caller.reach(Action::ReadOrganizations)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let found = scoped.organizations(reach.done(), None).await?;
        Ok(found.into_iter().map(view).collect())
    }

    /// One organization.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the caller may not see it.
    pub async fn organization(
        &self,
        caller: &Caller,
        id: OrganizationId,
    ) -> Result<Organization, ControlError> {
        self.organization_for(caller, Action::ReadOrganizations, id)
            .await
            .map(view)
    }

    /// Who belongs to an organization, and who is invited.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the caller may not see it.
    pub async fn members(&self, caller: &Caller, id: OrganizationId) -> Result<MemberList, ControlError> {
        self.organization_for(caller, Action::ReadOrganizations, id)
            .await?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let members = scoped.members(id).await?.into_iter().map(|member| Member {
            id: member.person.to_string(),
            email: member.email,
            claimed_email: member.claimed_email,
            name: member.name,
            role: member.role.to_string(),
            since: member.since,
        });
        let invitations = scoped.open_invitations(Some(id), self.world.now()).await?;
        Ok(MemberList {
            items: members.collect(),
            invitations: invitations.into_iter().map(invitation_view).collect(),
        })
    }

    /// An organization that the caller may see and do this with: 404 for another's, 403 for too weak a role.
    pub(crate) async fn organization_for(
        &self,
        caller: &Caller,
        action: Action,
        id: OrganizationId,
    ) -> Result<OrganizationRecord, ControlError> {
        let reach = caller.reach(action)?;
        let seen = caller.reach(Action::ReadOrganizations)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let found = scoped
            .organizations(seen.done(), Some(id))
            .await?
            .into_iter()
            .next();
        let found = found.ok_or(ControlError::NotFound("organization"))?;
        match reach.done().holds_organization(id) {
            true => Ok(found),
            false => Err(ControlError::Forbidden),
        }
    }
}

pub(crate) fn view(record: OrganizationRecord) -> Organization {
    Organization {
        id: record.id.to_string(),
        name: record.name,
        members: record.members,
        tenants: record.tenants,
        requires_second_factor: record.requires_factor,
        created_at: record.created_at,
        support_access: record.support_wish.to_string(),
    }
}
