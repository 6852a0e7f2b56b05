//! Dropping every copy that moves left on a node, once somebody has seen that all is well where the tenants are now.

use crate::{Caller, Control, ControlError};
use domain::{Action, NodeName, OperationId, Rule};

impl Control {
    /// Begins to drop the copies that are kept on a node; gives the operation of each. No tenant can go back to them.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] when `confirm` does not repeat the name; [`ControlError::NotFound`].
    pub async fn confirm_moves(
        &self,
        caller: &Caller,
        name: &NodeName,
        confirm: Option<&str>,
    ) -> Result<Vec<OperationId>, ControlError> {
        caller.require(Action::DrainNode)?;
        match confirm {
            Some(confirm) if confirm == name.as_str() => {}
            Some(_) => return Err(ControlError::field("confirm", Rule::Confirmation)),
            None => return Err(ControlError::field("confirm", Rule::Required)),
        }
        let scoped = self.store.on_behalf_of(caller.actor());
        let nodes = scoped.nodes().await?;
        let node = nodes.into_iter().find(|node| node.name == *name);
        let node = node.ok_or(ControlError::NotFound("node"))?;
        let mut begun = Vec::new();
        for copy in scoped.copies_on(node.id).await? {
            let mut unit = scoped.begin().await?;
            begun.extend(self.drop_copy(&mut unit, caller, copy, None).await?);
            unit.commit().await?;
        }
        Ok(begun)
    }
}
