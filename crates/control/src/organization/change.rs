//! Making an organization, giving it another name.

use crate::{Caller, Control, ControlError};
use domain::{Action, FieldErrors, OrganizationId, PersonName};
use serde_json::json;
use wire::person::{NameOrganization, Organization};

impl Control {
    /// Makes an organization, which has no members yet.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `name`; a conflict when one of that name is there.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        request: &NameOrganization,
    ) -> Result<Organization, ControlError> {
        caller.require(Action::CreateOrganization)?;
        let name = name_of(request)?;
        let id = OrganizationId::from_uuid(self.world.uuid());
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.insert_organization(id, &name, self.world.now()).await?;
        let action = Action::CreateOrganization.as_str();
        self.note(
            &mut unit,
            caller,
            action,
            &id.to_string(),
            json!({ "name": name }),
        )
        .await?;
        unit.commit().await?;
        self.organization(caller, id).await
    }

    /// Gives an organization another name.
    ///
    /// # Errors
    /// As [`Control::create_organization`]; [`ControlError::NotFound`].
    pub async fn rename_organization(
        &self,
        caller: &Caller,
        id: OrganizationId,
        request: &NameOrganization,
    ) -> Result<Organization, ControlError> {
        let before = self
            .organization_for(caller, Action::UpdateOrganization, id)
            .await?;
        let name = name_of(request)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        if !unit.rename_organization(id, &name).await? {
            return Err(ControlError::NotFound("organization"));
        }
        let detail = json!({ "before": before.name, "after": name });
        let action = Action::UpdateOrganization.as_str();
        self.note(&mut unit, caller, action, &id.to_string(), detail)
            .await?;
        unit.commit().await?;
        self.organization(caller, id).await
    }
}

fn name_of(request: &NameOrganization) -> Result<PersonName, ControlError> {
    let mut errors = FieldErrors::default();
    let name = errors.required("name", request.name.as_deref());
    name.ok_or_else(|| ControlError::fields(errors))
}
