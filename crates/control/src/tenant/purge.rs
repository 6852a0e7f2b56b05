//! Purging: a last dump is kept, then the tombstone is dropped and its name is free.

use crate::intent::Intent;
use crate::tenant::delete::Confirmed;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{DatabaseName, OperationId, OperationKind};
use wire::node::{Order, PurgeTenant};

/// How many purges to begin in one round, so that nodes are not kept busy with dumps alone.
const AT_ONCE: i64 = 4;

impl Control {
    /// Begins to dump and drop a tombstone, whatever its age.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; a conflict when it is no tombstone.
    pub async fn purge_tenant(
        &self,
        caller: &Caller,
        confirmed: &Confirmed,
    ) -> Result<OperationId, ControlError> {
        let request = Request {
            name: confirmed.name(),
            kind: OperationKind::PurgeTenant,
            body: &(),
        };
        self.order(caller, request, |tenant, _| {
            let order = PurgeTenant {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
            };
            Ok(Planned {
                order: Order::PurgeTenant(order),
                intent: Intent::Forget,
            })
        })
        .await
    }

    /// Begins to purge the tombstones whose time is over; gives how many.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn purge_due(&self) -> Result<usize, ControlError> {
        let caller = Caller::system();
        let due = self
            .store
            .on_behalf_of(caller.actor())
            .tombstones_due(self.world.now(), AT_ONCE)
            .await?;
        let mut begun = 0;
        for name in &due {
            let confirmed = Confirmed::by_naming(subdomain_of(name)?);
            match self.purge_tenant(&caller, &confirmed).await {
                Ok(_) => begun += 1,
                // Another replica was faster, or something else is under way: the next round looks again.
                Err(ControlError::Conflict(_) | ControlError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(begun)
    }
}

fn subdomain_of(name: &DatabaseName) -> Result<domain::Subdomain, ControlError> {
    name.as_str().parse().map_err(ControlError::internal)
}
