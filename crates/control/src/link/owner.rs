//! The link that the first start prints: whoever brings it becomes the first owner, once.

use crate::sealing::token_hash;
use crate::{Control, ControlError};
use jiff::SignedDuration;
use serde_json::json;
use store::{Actor, AuditEntry, LinkPurpose, NewLink};

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
        unit.audit(AuditEntry {
            at: now,
            action: "person.owner-link",
            subject: "owner",
            operation: None,
            request_id: None,
            detail: json!({ "expires_at": expires_at }),
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
}
