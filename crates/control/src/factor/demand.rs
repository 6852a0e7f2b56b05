//! Whether an organization wants a second factor of its members.

use crate::{Caller, Control, ControlError};
use domain::{Action, Guarded, OrganizationId, Rule};
use serde_json::json;
use wire::factor::RequireFactor;
use wire::person::Organization;

impl Control {
    /// Says whether the members of an organization must have a second factor; at once, in every session.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Forbidden`]; [`ControlError::StepUpRequired`];
    /// [`ControlError::Invalid`] on `required`.
    pub async fn require_factor(
        &self,
        caller: &Caller,
        id: OrganizationId,
        request: &RequireFactor,
    ) -> Result<Organization, ControlError> {
        self.organization_for(caller, Action::UpdateOrganization, id)
            .await?;
        caller.check_fresh(Some(Guarded::OrganizationFactor))?;
        let required = request.required;
        let required = required.ok_or_else(|| ControlError::field("required", Rule::Required))?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit.set_requires_factor(id, required).await?;
        let before = before.ok_or(ControlError::NotFound("organization"))?;
        let detail = json!({ "before": before, "after": required });
        let action = Guarded::OrganizationFactor.as_str();
        self.note(&mut unit, caller, action, &id.to_string(), detail)
            .await?;
        unit.commit().await?;
        self.organization(caller, id).await
    }
}
