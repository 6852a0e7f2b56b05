//! The providers that belong to one's own account.

use super::refusal::SignOnRefusal;
use crate::{Caller, Control, ControlError};
use domain::ProviderId;
use serde_json::json;
use store::EndReason;
use wire::sso::LinkedProvider;

impl Control {
    /// The providers that the caller can sign in with.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub async fn linked_providers(&self, caller: &Caller) -> Result<Vec<LinkedProvider>, ControlError> {
        let own = caller.person()?;
        let found = self
            .store
            .on_behalf_of(caller.actor())
            .identities(own.person)
            .await?;
        let linked = found.into_iter().map(|identity| LinkedProvider {
            provider: identity.provider.to_string(),
            name: identity.name,
            linked_at: identity.linked_at,
            last_used_at: identity.last_used_at,
        });
        Ok(linked.collect())
    }

    /// Takes a provider out of the caller's account; the sessions that it opened end.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`SignOnRefusal::Session`] in a session that is confined to an organization.
    pub async fn unlink_provider(&self, caller: &Caller, id: ProviderId) -> Result<(), ControlError> {
        let own = caller.person()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        if scoped.session_confined_to(own.session).await?.is_some() {
            return Err(SignOnRefusal::Session.into());
        }
        let mut unit = scoped.begin().await?;
        if !unit.delete_identity(id, own.person).await? {
            return Err(ControlError::NotFound("provider"));
        }
        let (person, now) = (Some(own.person), self.world.now());
        let ended = unit
            .end_provider_sessions(id, person, None, EndReason::Revoked, now)
            .await?;
        let detail = json!({ "provider": id, "sessions_ended": ended });
        self.note(&mut unit, caller, "sso.unlink", &own.person.to_string(), detail)
            .await?;
        Ok(unit.commit().await?)
    }
}
