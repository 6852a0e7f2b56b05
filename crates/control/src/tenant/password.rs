//! The administrator's password.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{NewPassword, OperationId, OperationKind, Rule, Subdomain};
use wire::Plaintext;
use wire::node::{Order, Sessions, SetPassword as SetPasswordOrder};
use wire::tenant::SetPassword;

impl Control {
    /// Begins to set the administrator's password.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `new_password`; [`ControlError::NotFound`]; a conflict.
    pub async fn set_password(&self, caller: &Caller, name: &Subdomain, body: SetPassword) -> Result<OperationId, ControlError> {
        let password = self.check_password(&body, name)?;
        let sessions = if body.end_sessions { Sessions::End } else { Sessions::Leave };
        let request = Request { name, kind: OperationKind::SetPassword, body: &body };
        self.order(caller, request, |tenant, state| {
            let order = SetPasswordOrder {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
                password: Some(Plaintext::new(password.expose().to_owned())),
                sessions,
            };
            Ok(Planned { order: Order::SetPassword(order), intent: Intent::State { state } })
        })
        .await
    }

    fn check_password(&self, body: &SetPassword, name: &Subdomain) -> Result<NewPassword, ControlError> {
        let text = body.new_password.as_ref().ok_or_else(|| ControlError::field("new_password", Rule::Required))?;
        NewPassword::check(text.expose().to_owned(), self.settings.shortest_password, &[name.as_str()])
            .map_err(|rule| ControlError::field("new_password", rule))
    }
}
