//! Moving a tenant to another name: database, filestore and address follow.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{OperationId, OperationKind, Rule, Subdomain};
use wire::node::{Order, RenameTenant};

impl Control {
    /// Begins to rename a tenant. Both names are taken until it has ended.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] when the new name is the old one in another spelling; a conflict when it is taken.
    pub async fn rename_tenant(&self, caller: &Caller, name: &Subdomain, to: Subdomain) -> Result<OperationId, ControlError> {
        if to.database() == name.database() {
            return Err(ControlError::field("subdomain", Rule::Nothing));
        }
        let body = to.clone();
        let request = Request { name, kind: OperationKind::RenameTenant, body: &body };
        self.order(caller, request, |tenant, state| {
            let order = RenameTenant {
                tenant: tenant.id,
                from: tenant.subdomain.database(),
                to: to.database(),
                base_url: tenant.address_pattern.replacen('*', to.host_label().as_str(), 1),
            };
            Ok(Planned { order: Order::RenameTenant(order), intent: Intent::Rename { to, state } })
        })
        .await
    }
}
