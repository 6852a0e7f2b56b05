//! Looking at providers, and trying one.

use crate::{Caller, Control, ControlError};
use domain::{Action, ProviderId, Role};
use oidc::{Fault, Seen};
use store::ProviderRecord;
use wire::sso::Provider;

impl Control {
    /// Every provider, by name.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn identity_providers(&self, caller: &Caller) -> Result<Vec<Provider>, ControlError> {
        caller.require(Action::ReadProviders)?;
        let found = self.store.on_behalf_of(caller.actor()).providers().await?;
        Ok(found
            .into_iter()
            .map(|record| self.provider_view(record))
            .collect())
    }

    /// One provider.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn identity_provider(&self, caller: &Caller, id: ProviderId) -> Result<Provider, ControlError> {
        caller.require(Action::ReadProviders)?;
        let found = self.store.on_behalf_of(caller.actor()).provider(id).await?;
        let record = found.ok_or(ControlError::NotFound("provider"))?;
        Ok(self.provider_view(record))
    }

    /// Asks a provider for its description and its keys, anew.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; what is wrong with the provider is no error but the answer.
    pub async fn try_provider(
        &self,
        caller: &Caller,
        id: ProviderId,
    ) -> Result<Result<Seen, Fault>, ControlError> {
        caller.require(Action::ChangeProviders)?;
        let found = self.store.on_behalf_of(caller.actor()).provider(id).await?;
        let record = found.ok_or(ControlError::NotFound("provider"))?;
        let provider = self.known_as(&record)?;
        self.providers.forget(&provider.issuer);
        Ok(self.providers.look(&provider.issuer).await)
    }

    pub(crate) fn provider_view(&self, record: ProviderRecord) -> Provider {
        let pick = |first: bool, one: &str, other: &str| if first { one } else { other }.to_owned();
        Provider {
            id: record.id.to_string(),
            issuer: record.issuer,
            client_id: record.client_id,
            has_secret: record.sealed.is_some(),
            scope: pick(record.organization.is_none(), "staff", "organization"),
            organization: record.organization.map(|id| id.to_string()),
            domains: record.domains.iter().map(ToString::to_string).collect(),
            newcomers: record.newcomers.map_or("none", Role::as_str).to_owned(),
            policy: pick(record.enforced, "enforced", "optional"),
            state: pick(record.disabled_at.is_none(), "enabled", "disabled"),
            redirect_uri: self.redirect_address(record.id),
            logout_uri: self.logout_address(record.id),
            created_at: record.created_at,
            name: record.name,
        }
    }
}
