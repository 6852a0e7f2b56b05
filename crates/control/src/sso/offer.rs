//! Which providers the page to sign in offers.

use crate::{Control, ControlError};
use domain::DomainName;
use store::Actor;
use wire::sso::OfferedProvider;

impl Control {
    /// The staff's providers, and those of organizations whose people have addresses of this domain. Which customers
    /// there are is not told otherwise.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn offered_providers(
        &self,
        domain: Option<&str>,
    ) -> Result<Vec<OfferedProvider>, ControlError> {
        // What is no domain is nobody's.
        let domain = domain.and_then(|text| text.to_ascii_lowercase().parse::<DomainName>().ok());
        let scoped = self.store.on_behalf_of(Actor::System);
        let found = scoped
            .offered_providers(domain.as_ref().map(DomainName::as_str))
            .await?;
        let offered = found.into_iter().map(|provider| OfferedProvider {
            id: provider.id.to_string(),
            name: provider.name,
        });
        Ok(offered.collect())
    }
}
