//! Revoking an API key.

use crate::{Caller, Control, ControlError};
use domain::{ApiKeyId, access::Intent};
use store::AuditEntry;

impl Control {
    /// Ends a key at once.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is no such key in force.
    pub async fn revoke_key(&self, caller: &Caller, id: ApiKeyId) -> Result<(), ControlError> {
        caller.require(Intent::Change)?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor).begin().await?;
        let name = unit
            .revoke_api_key(id, now)
            .await?
            .ok_or(ControlError::NotFound("key"))?;
        let request_id = caller.request_id.as_deref();
        let detail = serde_json::json!({ "key": id });
        unit.audit(AuditEntry {
            at: now,
            action: "key.revoke",
            subject: &name,
            operation: None,
            request_id,
            detail,
        })
        .await?;
        Ok(unit.commit().await?)
    }
}
