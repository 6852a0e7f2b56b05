//! Lifting a block: for some time its rule is not applied to its address.

use crate::{Caller, Control, ControlError};
use domain::Action;
use domain::BlockId;
use jiff::SignedDuration;
use store::{AuditEntry, Signal};
use wire::security::BlockView;

/// For how long a lifted rule is not applied.
const LIFTED: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Control {
    /// Lifts a block for thirty days, on every replica.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is no such block.
    pub async fn lift_block(&self, caller: &Caller, id: BlockId) -> Result<BlockView, ControlError> {
        caller.require(Action::LiftBlock)?;
        let now = self.world.now();
        let until = now + LIFTED;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let (rule, address) = unit
            .lift_block(id, until)
            .await?
            .ok_or(ControlError::NotFound("block"))?;
        unit.audit(AuditEntry {
            at: now,
            action: "block.lift",
            subject: &id.to_string(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({ "rule": rule, "address": address, "until": until }),
        })
        .await?;
        unit.signal(Signal::Settings).await?;
        unit.commit().await?;
        self.look_again().await?;
        self.block(caller, id).await
    }
}
