//! Keeping it true that nobody is inside with an access that is over: times that end, people who leave, nodes that
//! could not be told at once.

use crate::intent::Intent;
use crate::tenant::order::{Asked, Planned};
use crate::{Caller, Control, ControlError};
use domain::{Action, OperationId, OperationKind, SupportState, TenantId};
use jiff::SignedDuration;
use std::time::Duration;
use store::SupportToClose;
use wire::entry::EndEntries;
use wire::node::Order;

/// How often to look. Odoo itself refuses sessions whose time is over; this ends what else is left of them.
const ROUND: Duration = Duration::from_secs(5);
/// How many to end in one round.
const AT_ONCE: i64 = 16;
/// How long before a node that could not do it is told again.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

impl Control {
    /// Ends accesses whose time is over, for ever.
    pub(crate) async fn keep_support(&self) {
        loop {
            if let Err(error) = self.support_due().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "support accesses could not be looked after"
                );
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    /// Ends the accesses whose time is over or whose holder may not enter any more, and has nodes end what is over;
    /// gives the operations that it began.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn support_due(&self) -> Result<Vec<OperationId>, ControlError> {
        let caller = Caller::system();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let over = unit.expire_support(self.world.now()).await?;
        for (id, subject, state) in over {
            let because = match state {
                SupportState::Expired => "its time is over",
                _ => "whoever asked may not enter any more",
            };
            self.note_over(&mut unit, vec![(id, subject)], because).await?;
        }
        unit.commit().await?;
        Ok(self.close_support(None).await)
    }

    /// Has the nodes end accesses that are over. What cannot be done now is done later: nothing depends on this call.
    pub(crate) async fn close_support(&self, tenant: Option<TenantId>) -> Vec<OperationId> {
        let scoped = self.store.on_behalf_of(Caller::system().actor());
        let due = scoped.support_to_close(tenant, self.world.now(), AT_ONCE).await;
        let mut begun = Vec::new();
        for access in due.unwrap_or_default() {
            match self.close_one(&access).await {
                Ok(operation) => begun.push(operation),
                // Something else is under way, or another replica was faster.
                Err(ControlError::Conflict(_) | ControlError::NotFound(_)) => {}
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a support access that is over is ended later"
                ),
            }
        }
        begun
    }

    async fn close_one(&self, access: &SupportToClose) -> Result<OperationId, ControlError> {
        let caller = Caller::system();
        let reach = caller.reach(Action::EndSupport)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(&reach, &access.database).await?;
        let tenant = tenant.ok_or(ControlError::NotFound("tenant"))?;
        let until = self.world.now() + AGAIN;
        unit.support_is_closing(access.id, until).await?;
        let asked = Asked {
            caller: &caller,
            kind: OperationKind::EndSupport,
            fingerprint: None,
            parent: None,
        };
        let operation = self
            .order_within(&mut unit, asked, &tenant, |tenant, state| {
                let order = EndEntries {
                    tenant: tenant.id,
                    database: tenant.subdomain.database(),
                    access: access.id,
                };
                Ok(Planned {
                    order: Order::EndEntries(order),
                    intent: Intent::SupportClosed {
                        state,
                        access: access.id,
                    },
                })
            })
            .await?;
        unit.commit().await?;
        Ok(operation)
    }
}
