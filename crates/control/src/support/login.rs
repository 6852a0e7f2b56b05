//! The customer's own one-click log-in: an organization's owner or admin enters as the tenant's administrator.

use crate::tenant::order::Request;
use crate::{Caller, Control, ControlError};
use domain::{OperationId, OperationKind, Subdomain};
use wire::entry::Visitor;

impl Control {
    /// Begins to let the caller in as the tenant's administrator. The staff never enters this way.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for staff and keys that staff made; [`ControlError::NotFound`]; a conflict when the
    /// tenant is shut or busy.
    pub async fn log_in(&self, caller: &Caller, name: &Subdomain) -> Result<OperationId, ControlError> {
        caller.reach(domain::Action::EnterTenant)?;
        self.require_customer(caller).await?;
        let request = Request {
            name,
            kind: OperationKind::EnterTenant,
            body: &"administrator",
        };
        self.order(caller, request, |tenant, state| {
            Ok(self.entering(tenant, state, Visitor::Administrator))
        })
        .await
    }
}
