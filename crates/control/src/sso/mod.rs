//! Single sign-on: identity providers, and people who sign in with one (ADR 0019).

pub(crate) mod finish;
pub(crate) mod identities;
pub(crate) mod look;
pub(crate) mod offer;
pub(crate) mod person;
pub(crate) mod provider;
pub(crate) mod refusal;
pub(crate) mod sign_out;
pub(crate) mod start;

use crate::sealing::ServerKey;
use crate::{Control, ControlError, Settings};
use domain::{ProviderId, Secret};
use oidc::{Issuer, Provider, Providers, Reach};
use store::ProviderRecord;
use url::{Host, Url};
use uuid::Uuid;

/// How far this installation looks for providers: onto the own loopback only where its own panel is there.
pub(crate) fn providers(settings: &Settings) -> Providers {
    let near = Url::parse(&settings.panel).is_ok_and(|panel| {
        let loopback = match panel.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        panel.scheme() == "http" && loopback
    });
    Providers::new(match near {
        true => Reach::Loopback,
        false => Reach::Public,
    })
}

/// For what a provider's secret is sealed.
pub(crate) fn sealed_for(id: Uuid) -> String {
    format!("sso-provider:{}", id.simple())
}

impl Control {
    /// A provider in use, and who we are to it.
    pub(crate) async fn provider_in_use(
        &self,
        id: ProviderId,
    ) -> Result<(ProviderRecord, Provider), ControlError> {
        let scoped = self.store.on_behalf_of(store::Actor::System);
        let found = scoped
            .provider(id)
            .await?
            .filter(|found| found.disabled_at.is_none());
        let record = found.ok_or(ControlError::NotFound("provider"))?;
        let provider = self.known_as(&record)?;
        Ok((record, provider))
    }

    /// Who we are to a provider.
    pub(crate) fn known_as(&self, record: &ProviderRecord) -> Result<Provider, ControlError> {
        let odd = |_| ControlError::internal(std::io::Error::other("an issuer that is out of reach"));
        Ok(Provider {
            issuer: Issuer::check(&record.issuer, self.providers.reach()).map_err(odd)?,
            client: record.client_id.clone(),
            secret: unsealed(&self.server_key, record)?,
            redirect: self.redirect_address(record.id),
        })
    }

    /// Where a provider sends browsers back to. Each has an address of its own, so that no answer of one is taken for
    /// another's.
    pub(crate) fn redirect_address(&self, id: ProviderId) -> String {
        format!("{}/sso/{id}/callback", self.settings.panel)
    }

    /// Where a provider tells that somebody signed out there.
    pub(crate) fn logout_address(&self, id: ProviderId) -> String {
        format!("{}/api/auth/sso/{id}/logout", self.settings.panel)
    }
}

fn unsealed(key: &ServerKey, record: &ProviderRecord) -> Result<Option<Secret<String>>, ControlError> {
    let Some(sealed) = &record.sealed else {
        return Ok(None);
    };
    let plain = key.open(sealed, &sealed_for(record.id.uuid()))?;
    Ok(Some(Secret::new(plain)))
}
