//! Resuming a suspended tenant.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{OperationId, OperationKind, Subdomain};
use wire::node::{Order, ResumeTenant};

impl Control {
    /// Begins to let a tenant go on; every reason for its suspension falls.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; a conflict.
    pub async fn resume_tenant(&self, caller: &Caller, name: &Subdomain) -> Result<OperationId, ControlError> {
        let request = Request { name, kind: OperationKind::ResumeTenant, body: &() };
        self.order(caller, request, |tenant, state| {
            let order = ResumeTenant { tenant: tenant.id, database: tenant.subdomain.database() };
            let intent = Intent::Suspension { state, reasons: Vec::new(), note: None };
            Ok(Planned { order: Order::ResumeTenant(order), intent })
        })
        .await
    }
}
