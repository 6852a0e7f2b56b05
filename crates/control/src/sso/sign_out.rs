//! A provider tells that somebody signed out there.

use super::refusal::SignOnRefusal;
use crate::sealing::token_hash;
use crate::{Client, Control, ControlError};
use domain::ProviderId;
use jiff::Timestamp;
use oidc::Logout;
use serde_json::json;
use store::{Actor, AuditEntry, EndReason, ProviderRecord};

impl Control {
    /// Ends the sessions that a signed logout token speaks of. A token is obeyed once.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::SignOn`], which is written down.
    pub async fn back_channel_logout(
        &self,
        client: &Client,
        id: ProviderId,
        token: &str,
    ) -> Result<u64, ControlError> {
        let ended = self.obey(client, id, token).await;
        self.refused(client, id, ended).await
    }

    async fn obey(&self, client: &Client, id: ProviderId, token: &str) -> Result<u64, ControlError> {
        let (record, provider) = self.provider_in_use(id).await?;
        let now = self.world.now();
        let logout = self.providers.logout(&provider, token, now.as_second()).await?;
        self.end_at_provider(client, &record, &logout, now).await
    }

    async fn end_at_provider(
        &self,
        client: &Client,
        provider: &ProviderRecord,
        logout: &Logout,
        now: Timestamp,
    ) -> Result<u64, ControlError> {
        let over_at = Timestamp::from_second(logout.over_at).map_err(ControlError::internal)?;
        let mut unit = self.store.on_behalf_of(Actor::Nobody).begin().await?;
        if !unit
            .first_logout(provider.id, &token_hash(&logout.id), over_at)
            .await?
        {
            return Err(SignOnRefusal::Replayed.into());
        }
        let person = match &logout.subject {
            None => None,
            Some(subject) => match unit.person_of_identity(provider.id, subject).await? {
                Some(person) => Some(person),
                // Somebody who never signed in here has no session to end; without this, all would be meant.
                None => {
                    unit.commit().await?;
                    return Ok(0);
                }
            },
        };
        let session = logout.session.as_deref();
        let ended = unit
            .end_provider_sessions(provider.id, person, session, EndReason::SignOut, now)
            .await?;
        unit.audit(AuditEntry {
            at: now,
            action: "sso.logout",
            subject: &provider.id.to_string(),
            operation: None,
            request_id: client.request_id.as_deref(),
            detail: json!({ "person": person, "ended": ended }),
        })
        .await?;
        unit.commit().await?;
        Ok(ended)
    }
}
