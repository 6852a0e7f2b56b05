//! Moving a tenant to another name: database, filestore and address follow.

use crate::intent::Intent;
use crate::tenant::expiry::Expiry;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{CompanyName, OperationId, OperationKind, PlanName, Rule, Subdomain};
use wire::node::{Order, RenameTenant};
use wire::tenant::UpdateTenant;

/// Where a tenant moves, and what else becomes true when it has arrived.
pub(crate) struct Move {
    /// The new name.
    pub to: Subdomain,
    /// The company, if it is called otherwise from then on.
    pub company_name: Option<CompanyName>,
    /// The plan, if it is another from then on.
    pub plan: Option<PlanName>,
    /// When its time ends, if that changes.
    pub expiry: Option<Expiry>,
}

impl Control {
    /// Begins to rename a tenant. Both names are taken until it has ended.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] when the new name is the old one in another spelling; a conflict when it is taken.
    pub(crate) async fn rename_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        wanted: Move,
        body: &UpdateTenant,
    ) -> Result<OperationId, ControlError> {
        let Move {
            to,
            company_name,
            plan,
            expiry,
        } = wanted;
        if to.database() == name.database() {
            return Err(ControlError::field("subdomain", Rule::Nothing));
        }
        let request = Request {
            name,
            kind: OperationKind::RenameTenant,
            body,
        };
        self.order(caller, request, |tenant, state| {
            let order = RenameTenant {
                tenant: tenant.id,
                from: tenant.subdomain.database(),
                to: to.database(),
                base_url: tenant.address_pattern.replacen('*', to.host_label().as_str(), 1),
            };
            Ok(Planned {
                order: Order::RenameTenant(order),
                intent: Intent::Rename {
                    to,
                    state,
                    company_name,
                    plan,
                    expiry,
                },
            })
        })
        .await
    }
}
