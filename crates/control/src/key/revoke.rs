//! Revoking an API key.

use super::create::covers;
use super::list::within_reach;
use crate::{Caller, Control, ControlError};
use domain::{Action, ApiKeyId};

impl Control {
    /// Ends a key at once.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is no such key in force; [`ControlError::Forbidden`] for one that stands
    /// above the caller.
    pub async fn revoke_key(&self, caller: &Caller, id: ApiKeyId) -> Result<(), ControlError> {
        let reach = caller.reach(Action::RevokeKey)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let keys = scoped.api_keys().await?;
        let known = keys.iter().find(|key| key.id == id && within_reach(&reach, key));
        let known = known.ok_or(ControlError::NotFound("key"))?;
        if !covers(
            caller,
            known.holder.organizations.first().copied(),
            known.holder.role,
        ) {
            return Err(ControlError::Forbidden);
        }
        let mut unit = scoped.begin().await?;
        let name = unit
            .revoke_api_key(id, self.world.now())
            .await?
            .ok_or(ControlError::NotFound("key"))?;
        let detail = serde_json::json!({ "key": id, "organizations": known.holder.organizations });
        self.note(&mut unit, caller, Action::RevokeKey.as_str(), &name, detail)
            .await?;
        Ok(unit.commit().await?)
    }
}
