//! What an organization wants of support accesses.

use crate::{Caller, Control, ControlError};
use domain::{Action, FieldErrors, OrganizationId, SupportState, SupportWish};
use serde_json::json;
use wire::person::Organization;
use wire::support::WishSupport;

impl Control {
    /// Sets what an organization wants of support accesses. With `never` those that there are end at once.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `support_access`; [`ControlError::Forbidden`] for staff: it is the customer's word.
    pub async fn wish_support(
        &self,
        caller: &Caller,
        id: OrganizationId,
        request: &WishSupport,
    ) -> Result<Organization, ControlError> {
        self.organization_for(caller, Action::ChangeSupportWish, id)
            .await?;
        self.require_customer(caller).await?;
        let mut errors = FieldErrors::default();
        let wish: Option<SupportWish> = errors.required("support_access", request.support_access.as_deref());
        let wish = wish.ok_or_else(|| ControlError::fields(errors))?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit.support_wish(id).await?;
        unit.set_support_wish(id, wish).await?;
        if wish == SupportWish::Never {
            let now = self.world.now();
            let over = unit
                .end_support_of(None, Some(id), SupportState::Revoked, now)
                .await?;
            self.note_over(&mut unit, over, "the organization wants none")
                .await?;
        }
        let detail = json!({ "before": before, "after": wish });
        let action = Action::ChangeSupportWish.as_str();
        self.note(&mut unit, caller, action, &id.to_string(), detail)
            .await?;
        unit.commit().await?;
        self.close_support(None).await;
        self.organization(caller, id).await
    }
}
