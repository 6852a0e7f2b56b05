//! The link with which a new tenant's administrator sets their password, instead of being sent one.

use crate::sealing::token_hash;
use crate::{Caller, Control, ControlError};
use domain::{NewPassword, OperationId, Rule};
use store::{Actor, LinkPurpose, UsedLink};
use wire::Plaintext;
use wire::tenant::{SetPassword, Tenant};

impl Control {
    /// Uses up the link and begins to set the password. The link is used up only together with that.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`]; [`ControlError::Invalid`] on `new_password`, and the link still works then.
    pub async fn use_set_password_link(
        &self,
        token: &str,
        password: Plaintext,
        request_id: Option<String>,
    ) -> Result<(OperationId, Tenant), ControlError> {
        NewPassword::check(password.expose().to_owned(), self.settings.shortest_password, &[])
            .map_err(|rule: Rule| ControlError::field("new_password", rule))?;
        let caller = Caller { actor: Actor::Link, request_id, ..Caller::system() };
        let scoped = self.store.on_behalf_of(caller.actor);
        let mut unit = scoped.begin().await?;
        let used = unit.use_link(&token_hash(token), LinkPurpose::SetPassword, self.world.now()).await?;
        let UsedLink::Tenant(id) = used else { return Err(ControlError::LinkOver) };
        let tenant = scoped.tenant_by_id(id).await?.ok_or(ControlError::LinkOver)?;
        let body = SetPassword { new_password: Some(password), end_sessions: false };
        let operation = self.set_password(&caller, &tenant.subdomain, body).await?;
        unit.commit().await?;
        Ok((operation, Control::view(tenant)))
    }
}
