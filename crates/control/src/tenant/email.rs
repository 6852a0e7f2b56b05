//! The administrator's e-mail address.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{EmailAddress, OperationId, OperationKind, Subdomain};
use wire::node::{Order, SetEmail};

impl Control {
    /// Begins to give the administrator another e-mail address, in the application and in what is registered. Where
    /// the address was the login, the new one is.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; a conflict.
    pub async fn set_email(
        &self,
        caller: &Caller,
        name: &Subdomain,
        email: EmailAddress,
    ) -> Result<OperationId, ControlError> {
        let request = Request {
            name,
            kind: OperationKind::SetEmail,
            body: &email.clone(),
        };
        self.order(caller, request, |tenant, state| {
            Ok(Planned {
                order: Order::SetEmail(SetEmail {
                    tenant: tenant.id,
                    database: tenant.subdomain.database(),
                    email: email.clone(),
                }),
                intent: Intent::Email { state, email },
            })
        })
        .await
    }
}
