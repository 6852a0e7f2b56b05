//! The link with which a new tenant's administrator sets their password, instead of being sent one.

use crate::intent::Intent;
use crate::sealing::token_hash;
use crate::tenant::order::{Asked, Planned};
use crate::tenant::password::planned;
use crate::{Caller, Control, ControlError};
use domain::{Action, NewPassword, OperationId, OperationKind, Rule};
use store::{LinkPurpose, TenantRecord, UsedLink};
use wire::Plaintext;
use wire::node::Sessions;
use wire::tenant::{SetPassword, Tenant};

impl Control {
    /// Uses up the link and begins to set the password. The link is used up only together with that, and works
    /// again when the node could not do it.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`]; [`ControlError::Invalid`] on `new_password`, and the link still works then.
    pub async fn use_set_password_link(
        &self,
        token: &str,
        password: Plaintext,
        request_id: Option<String>,
    ) -> Result<(OperationId, Tenant), ControlError> {
        // What is wrong whoever's password it is, before the link is looked at.
        NewPassword::check(password.expose().to_owned(), self.settings.shortest_password, &[])
            .map_err(|rule: Rule| ControlError::field("new_password", rule))?;
        let caller = Caller::link(request_id);
        // The link is the permission, for the one tenant that it names.
        let reach = Caller::system().reach(Action::SetTenantPassword)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let used = unit
            .use_link(&token_hash(token), LinkPurpose::SetPassword, self.world.now())
            .await?;
        let UsedLink::Tenant(id) = used else {
            return Err(ControlError::LinkOver);
        };
        let tenant = unit
            .lock_tenant_by_id(&reach, id)
            .await?
            .ok_or(ControlError::LinkOver)?;
        let body = SetPassword {
            new_password: Some(password),
            end_sessions: false,
        };
        let password = self.check_password(&body, &tenant.subdomain)?;
        let kind = OperationKind::SetPassword;
        let fingerprint = self.fingerprint(kind.as_str(), tenant.subdomain.as_str(), &body)?;
        let asked = Asked {
            caller: &caller,
            kind,
            fingerprint: Some(&fingerprint),
            parent: None,
        };
        let plan = |tenant: &TenantRecord, state| {
            let planned = planned(tenant, state, &password, Sessions::Leave);
            Ok(Planned {
                intent: Intent::FirstPassword { state },
                ..planned
            })
        };
        let operation = self.order_within(&mut unit, asked, &tenant, plan).await?;
        unit.commit().await?;
        Ok((operation, Control::view(tenant)))
    }
}
