//! Bringing a tombstone back, closed in the way in which it was closed.

use crate::intent::Intent;
use crate::tenant::closure::Closure;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{OperationId, OperationKind, Subdomain};
use wire::node::{Order, UndeleteTenant};

impl Control {
    /// Begins to turn a tombstone into the tenant that it was.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; a conflict when it is no tombstone.
    pub async fn undelete_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
    ) -> Result<OperationId, ControlError> {
        let request = Request {
            name,
            kind: OperationKind::UndeleteTenant,
            body: &(),
        };
        self.order(caller, request, |tenant, _| {
            let closure = Closure::of(tenant);
            let order = UndeleteTenant {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
                service: closure.service(),
            };
            Ok(Planned {
                order: Order::UndeleteTenant(order),
                intent: Intent::State {
                    state: closure.state(),
                },
            })
        })
        .await
    }
}
