//! The administrator's password.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{NewPassword, OperationId, OperationKind, Rule, Subdomain, TenantState};
use store::TenantRecord;
use wire::Plaintext;
use wire::node::{Order, Sessions, SetPassword as SetPasswordOrder};
use wire::tenant::SetPassword;

impl Control {
    /// Begins to set the administrator's password.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `new_password`; [`ControlError::NotFound`]; a conflict.
    pub async fn set_password(
        &self,
        caller: &Caller,
        name: &Subdomain,
        body: SetPassword,
    ) -> Result<OperationId, ControlError> {
        let password = self.check_password(&body, name)?;
        let sessions = if body.end_sessions {
            Sessions::End
        } else {
            Sessions::Leave
        };
        let request = Request {
            name,
            kind: OperationKind::SetPassword,
            body: &body,
        };
        self.order(caller, request, |tenant, state| {
            Ok(planned(tenant, state, &password, sessions))
        })
        .await
    }

    pub(crate) fn check_password(
        &self,
        body: &SetPassword,
        name: &Subdomain,
    ) -> Result<NewPassword, ControlError> {
        let text = body
            .new_password
            .as_ref()
            .ok_or_else(|| ControlError::field("new_password", Rule::Required))?;
        NewPassword::check(
            text.expose().to_owned(),
            self.live().shortest_password,
            &[name.as_str()],
        )
        .map_err(|rule| ControlError::field("new_password", rule))
    }
}

/// What a new password means for the node and for the control database.
pub(crate) fn planned(
    tenant: &TenantRecord,
    state: TenantState,
    password: &NewPassword,
    sessions: Sessions,
) -> Planned {
    let order = SetPasswordOrder {
        tenant: tenant.id,
        database: tenant.subdomain.database(),
        password: Some(Plaintext::new(password.expose().to_owned())),
        sessions,
    };
    Planned {
        order: Order::SetPassword(order),
        intent: Intent::State { state },
    }
}
