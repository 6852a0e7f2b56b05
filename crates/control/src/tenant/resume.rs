//! Resuming a suspended or paused tenant, for one reason or for all.

use crate::tenant::closure::Closure;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{Action, FieldErrors, OperationId, OperationKind, Subdomain, SuspensionReason};
use store::TenantRecord;
use wire::tenant::ResumeTenant;

impl Control {
    /// Begins to let a tenant go on. With a reason only that one falls, and the tenant stays suspended for the
    /// others: a paid bill does not end a suspension for abuse. Without any reason left, it is what it was before:
    /// paused if its customer had paused it, and resumed once more it is open.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `reason`; [`ControlError::NotFound`]; a conflict.
    pub async fn resume_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        body: ResumeTenant,
    ) -> Result<OperationId, ControlError> {
        let reason = check(&body)?;
        let request = Request {
            name,
            kind: OperationKind::ResumeTenant,
            body: &body,
        };
        // Who may pause may end the pause, and nothing else.
        if caller.reach(Action::ResumeTenant).is_ok() {
            let plan = |tenant: &TenantRecord, _| Ok(planned(tenant, reason));
            return self.order(caller, request, plan).await;
        }
        self.order_as(caller, Action::PauseTenant, request, |tenant, _| {
            match tenant.suspensions.is_empty() {
                true => Ok(planned(tenant, reason)),
                false => Err(ControlError::Forbidden),
            }
        })
        .await
    }
}

/// The reason that is to fall, checked.
pub(crate) fn check(body: &ResumeTenant) -> Result<Option<SuspensionReason>, ControlError> {
    let mut errors = FieldErrors::default();
    let reason = errors.optional("reason", body.reason.as_deref());
    if errors.is_empty() {
        Ok(reason)
    } else {
        Err(ControlError::fields(errors))
    }
}

/// What resuming means for the node and for the control database.
pub(crate) fn planned(tenant: &TenantRecord, reason: Option<SuspensionReason>) -> Planned {
    Closure::of(tenant).without(reason).planned(tenant)
}
