//! Deleting: the tenant becomes a tombstone. Nobody deletes by a slip: the name is repeated.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{OperationId, OperationKind, Rule, Subdomain};
use wire::node::{DeleteTenant, Order};

/// A name that the caller repeated.
#[derive(Clone, Debug)]
pub struct Confirmed(Subdomain);

impl Confirmed {
    /// Checks that `again` repeats the name, in the spelling of the address or of the tenant.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on the field `confirm`.
    pub fn new(name: Subdomain, again: Option<&str>) -> Result<Self, ControlError> {
        match again {
            None => Err(ControlError::field("confirm", Rule::Required)),
            Some(again) if again == name.as_str() => Ok(Self(name)),
            Some(_) => Err(ControlError::field("confirm", Rule::Confirmation)),
        }
    }

    /// An interface that asks for the name only once, in its body, has been told it by that.
    pub fn by_naming(name: Subdomain) -> Self {
        Self(name)
    }

    /// The name.
    pub fn name(&self) -> &Subdomain {
        &self.0
    }
}

impl Control {
    /// Begins to turn a tenant into a tombstone.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; a conflict when another operation is under way.
    pub async fn delete_tenant(
        &self,
        caller: &Caller,
        confirmed: &Confirmed,
    ) -> Result<OperationId, ControlError> {
        let request = Request {
            name: confirmed.name(),
            kind: OperationKind::DeleteTenant,
            body: &(),
        };
        self.order(caller, request, |tenant, state| {
            let order = DeleteTenant {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
            };
            Ok(Planned {
                order: Order::DeleteTenant(order),
                intent: Intent::State { state },
            })
        })
        .await
    }
}
