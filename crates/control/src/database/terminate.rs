//! Ending one connection to a tenant's database.

use crate::database::look::check_there;
use crate::intent::Intent;
use crate::tenant::order::within;
use crate::{Caller, Control, ControlError};
use domain::{Action, FieldErrors, OperationId, OperationKind, Rule, Subdomain};
use wire::database::{EndConnection, TerminateRequest};
use wire::node::Order;

impl Control {
    /// Begins to end one connection. Number and beginning of its process name it, so that none is ended that took the number over.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`crate::ConflictReason::State`].
    pub async fn end_connection(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &TerminateRequest,
    ) -> Result<OperationId, ControlError> {
        let reach = caller.reach(Action::EndConnection)?;
        let kind = OperationKind::EndConnection;
        let mut errors = FieldErrors::default();
        let pid = request.pid.ok_or(Rule::Required).and_then(|pid| match pid > 0 {
            true => Ok(pid),
            false => Err(Rule::Unknown),
        });
        let pid = errors.keep("pid", pid);
        let started_at = errors.keep("started_at", request.started_at.ok_or(Rule::Required));
        let (Some(pid), Some(started_at)) = (pid, started_at) else {
            return Err(ControlError::fields(errors));
        };
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let attempt = async {
            let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
            let tenant = within(&reach, unit.lock_tenant(&reach, &name.database()).await?)?;
            check_there(&tenant, kind)?;
            let order = Order::EndConnection(EndConnection {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
                pid,
                started_at,
            });
            let intent = Intent::ConnectionEnded { pid, started_at };
            self.begin_beside(unit, caller, &tenant, (kind, intent, order), &fingerprint)
                .await
        };
        let attempt = attempt.await;
        self.begun(caller, &fingerprint, attempt).await
    }
}
