//! Taking a node out for good.

use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, NodeName, Rule};
use store::{AuditEntry, Belongings};

impl Control {
    /// Takes a node out for good, once nothing is left on it. Its credential is worth nothing from then on.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] when `confirm` does not repeat the name; [`ControlError::NotFound`];
    /// [`ConflictReason::NodeInUse`].
    pub async fn remove_node(
        &self,
        caller: &Caller,
        name: &NodeName,
        confirm: Option<&str>,
    ) -> Result<(), ControlError> {
        caller.require(Action::RemoveNode)?;
        match confirm {
            Some(confirm) if confirm == name.as_str() => {}
            Some(_) => return Err(ControlError::field("confirm", Rule::Confirmation)),
            None => return Err(ControlError::field("confirm", Rule::Required)),
        }
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let (id, _) = unit
            .lock_node(name)
            .await?
            .ok_or(ControlError::NotFound("node"))?;
        let left = unit.belongings(id).await?;
        if left
            != (Belongings {
                tenants: 0,
                operations: 0,
            })
        {
            return Err(ControlError::Conflict(ConflictReason::NodeInUse(left)));
        }
        self.remove_with_backups(&mut unit, id, name, now).await?;
        unit.audit(AuditEntry {
            at: now,
            action: "node.remove",
            subject: name.as_str(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({}),
        })
        .await?;
        Ok(unit.commit().await?)
    }
}
