//! Bringing a tombstone back, suspended if it was suspended.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{OperationId, OperationKind, Subdomain, TenantState};
use wire::node::{Order, Service, UndeleteTenant};

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
        self.order(caller, request, |tenant, state| {
            let (service, state) = match tenant.suspension_reasons.is_empty() {
                true => (Service::Open, state),
                false => (Service::Suspended, TenantState::Suspended),
            };
            let order = UndeleteTenant {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
                service,
            };
            Ok(Planned {
                order: Order::UndeleteTenant(order),
                intent: Intent::State { state },
            })
        })
        .await
    }
}
