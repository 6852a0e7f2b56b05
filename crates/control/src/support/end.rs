//! Ending a support access: given back by whoever has it, or taken away by the customer, at any time.

use super::list::view;
use crate::tenant::order::within;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, OperationId, Subdomain, SupportId, SupportMove, TenantId};
use serde_json::json;
use store::{SupportRecord, Unit};
use wire::support::SupportAccess;

impl Control {
    /// Ends a support access. It holds from here on; the operation, if there is one, ends it inside the tenant too.
    /// While something else is done to the tenant there is none yet, and it follows by itself.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Forbidden`] for staff whose it is not and who are no admins;
    /// [`ConflictReason::SupportState`] when it is over.
    pub async fn end_support(
        &self,
        caller: &Caller,
        name: &Subdomain,
        id: SupportId,
    ) -> Result<(SupportAccess, Option<OperationId>), ControlError> {
        let reach = caller.reach(Action::EndSupport)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(&reach, &name.database()).await?;
        let tenant = within(&reach, tenant)?;
        let access = unit.lock_support(tenant.id, id).await?;
        let access = access.ok_or(ControlError::NotFound("support access"))?;
        let own = access.requested_by == caller.actor().to_string();
        // The customer's own may, and of the staff whoever may decide; the table says who that is.
        let may_take = caller
            .reach(Action::ApproveSupport)
            .is_ok_and(|reach| reach.holds(tenant.id, tenant.organization));
        if !own && !may_take {
            return Err(ControlError::Forbidden);
        }
        let wanted = match own {
            true => SupportMove::End,
            false => SupportMove::Revoke,
        };
        self.finish_support(&mut unit, caller, &access, wanted).await?;
        let over = unit.lock_support(tenant.id, id).await?;
        let over = over.ok_or(ControlError::NotFound("support access"))?;
        unit.commit().await?;
        let operation = self.close_support(Some(tenant.id)).await.into_iter().next();
        Ok((view(over), operation))
    }

    async fn finish_support(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        access: &SupportRecord,
        wanted: SupportMove,
    ) -> Result<(), ControlError> {
        let state = access
            .state
            .after(wanted)
            .map_err(|refused| ControlError::Conflict(ConflictReason::SupportState(refused.from)))?;
        unit.end_support(access.id, state, self.world.now()).await?;
        let detail = json!({ "access": access.id, "state": state, "requested_by": access.requested_by });
        let action = Action::EndSupport.as_str();
        self.note(unit, caller, action, access.subdomain.as_str(), detail)
            .await
    }

    /// Takes every access to a tenant away, because it is not what it was: deleted, or another customer's.
    pub(crate) async fn revoke_support(
        &self,
        unit: &mut Unit,
        tenant: TenantId,
        because: &str,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        let over = unit
            .end_support_of(Some(tenant), None, domain::SupportState::Revoked, now)
            .await?;
        self.note_over(unit, over, because).await
    }

    /// Ends every access with which somebody has entered a tenant: their sessions stayed where it was. What was only allowed,
    /// or asked for, holds on.
    pub(crate) async fn end_support_of_moved(
        &self,
        unit: &mut Unit,
        tenant: TenantId,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        let over = unit
            .end_entered_support(tenant, domain::SupportState::Ended, now)
            .await?;
        self.note_over(unit, over, "the tenant has moved").await
    }

    /// Writes down which accesses ended, and why.
    pub(crate) async fn note_over(
        &self,
        unit: &mut Unit,
        over: Vec<(SupportId, String)>,
        because: &str,
    ) -> Result<(), ControlError> {
        for (id, subject) in over {
            let detail = json!({ "access": id, "because": because });
            let action = Action::EndSupport.as_str();
            self.note(unit, &Caller::system(), action, &subject, detail)
                .await?;
        }
        Ok(())
    }
}
