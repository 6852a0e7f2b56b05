//! The link that the first start prints: whoever brings it gets the owner's API key, once.

use crate::sealing::token_hash;
use crate::{Caller, Control, ControlError};
use domain::access::Scope;
use jiff::SignedDuration;
use store::{Actor, LinkPurpose, NewLink, UsedLink};
use wire::apikey::NewApiKey;

/// How long the owner's link works.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Control {
    /// Makes a link for the installation's owner. Only somebody on the server's machine can ask for one.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn owner_link(&self) -> Result<String, ControlError> {
        let token = hex::encode(self.world.bytes::<32>());
        let now = self.world.now();
        let hash = token_hash(&token);
        let expires_at = now + LIFE;
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        unit.insert_link(NewLink {
            hash: &hash,
            purpose: LinkPurpose::Owner,
            tenant: None,
            created_at: now,
            expires_at,
        })
        .await?;
        unit.commit().await?;
        Ok(format!("{}/welcome#{token}", self.settings.panel))
    }

    /// Whether a link that [`Control::owner_link`] gave still works.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn owner_link_works(&self, link: &str) -> Result<bool, ControlError> {
        let token = link.split_once('#').map_or("", |(_, token)| token);
        Ok(self
            .store
            .on_behalf_of(Actor::System)
            .owner_link_works(&token_hash(token), self.world.now())
            .await?)
    }

    /// Uses up the owner's link and makes the owner's key.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`] when it is unknown, used or over.
    pub async fn use_owner_link(
        &self,
        token: &str,
        request_id: Option<String>,
    ) -> Result<NewApiKey, ControlError> {
        let caller = Caller {
            actor: Actor::Link,
            request_id,
            ..Caller::system()
        };
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor).begin().await?;
        let hash = token_hash(token);
        let used = unit.use_link(&hash, LinkPurpose::Owner, now).await?;
        if used != UsedLink::Installation {
            return Err(ControlError::LinkOver);
        }
        // Names of keys in force are unique, and a day may see several links; a bit of the hash tells them apart.
        let tail = hex::encode(hash.get(..3).unwrap_or_default());
        let key = self
            .write_key(
                &mut unit,
                &caller,
                &format!("owner {} {tail}", now.strftime("%Y-%m-%d")),
                Scope::Full,
                None,
            )
            .await?;
        unit.commit().await?;
        Ok(key)
    }
}
