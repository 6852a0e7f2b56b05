//! Resuming a suspended tenant, for one reason or for all.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{FieldErrors, OperationId, OperationKind, Subdomain, SuspensionReason, TenantState};
use wire::node::{Order, ResumeTenant as ResumeOrder, SuspendTenant as SuspendOrder};
use wire::tenant::ResumeTenant;

impl Control {
    /// Begins to let a tenant go on. With a reason only that one falls, and the tenant stays suspended for the
    /// others: a paid bill does not end a suspension for abuse.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `reason`; [`ControlError::NotFound`]; a conflict.
    pub async fn resume_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        body: ResumeTenant,
    ) -> Result<OperationId, ControlError> {
        let mut errors = FieldErrors::default();
        let reason: Option<SuspensionReason> = errors.optional("reason", body.reason.as_deref());
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let request = Request {
            name,
            kind: OperationKind::ResumeTenant,
            body: &body,
        };
        self.order(caller, request, |tenant, state| {
            let stays = |known: &&SuspensionReason| reason.is_some_and(|reason| reason != **known);
            let reasons: Vec<SuspensionReason> =
                tenant.suspension_reasons.iter().filter(stays).copied().collect();
            let (tenant, database) = (tenant.id, tenant.subdomain.database());
            if reasons.is_empty() {
                let intent = Intent::Suspension {
                    state,
                    reasons,
                    note: None,
                };
                return Ok(Planned {
                    order: Order::ResumeTenant(ResumeOrder { tenant, database }),
                    intent,
                });
            }
            // The node makes sure again that it is shut, and says the reason that is left.
            let words: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
            let order = SuspendOrder {
                tenant,
                database,
                reason: words.join(", "),
            };
            let intent = Intent::Suspension {
                state: TenantState::Suspended,
                reasons,
                note: None,
            };
            Ok(Planned {
                order: Order::SuspendTenant(order),
                intent,
            })
        })
        .await
    }
}
