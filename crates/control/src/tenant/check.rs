//! Looking whether tenants are whole, and what the last look found.

use crate::intent::Intent;
use crate::tenant::order::Planned;
use crate::{Caller, Control, ControlError};
use domain::{Action, OperationKind, TenantState};
use store::{OperationRecord, TenantRecord};
use wire::node::{CheckTenant, Order};

impl Control {
    /// The newest check of each tenant that was ever checked.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn last_checks(&self, caller: &Caller) -> Result<Vec<OperationRecord>, ControlError> {
        caller.reach(Action::ReadTenants)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        Ok(scoped.newest_of_kind(OperationKind::CheckTenant).await?)
    }
}

/// What a check means for the node; nothing changes in the control database.
pub(crate) fn planned(tenant: &TenantRecord, state: TenantState, repair: bool) -> Planned {
    Planned {
        order: Order::CheckTenant(CheckTenant {
            tenant: tenant.id,
            database: tenant.subdomain.database(),
            repair,
        }),
        intent: Intent::State { state },
    }
}
