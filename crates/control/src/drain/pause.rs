//! Pausing a drain, having it go on, and cancelling it.

use crate::operation::decide::Decision;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, NodeName};
use store::{AuditEntry, DrainRecord, Signal, StoreError};

/// Whether a drain begins moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainPace {
    /// It begins none; those under way end.
    Pause,
    /// It does.
    Resume,
}

impl Control {
    /// Pauses the drain of a node, or has it go on. Doing either twice changes nothing.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ConflictReason::NoDrain`].
    pub async fn pace_drain(
        &self,
        caller: &Caller,
        name: &NodeName,
        pace: DrainPace,
    ) -> Result<(), ControlError> {
        caller.require(Action::DrainNode)?;
        let drain = self.open_drain(caller, name).await?;
        let now = self.world.now();
        let by = caller.actor().to_string();
        let (paused, action) = match pace {
            DrainPace::Pause => (
                Some((drain.paused_at.unwrap_or(now), by.as_str())),
                "node.drain-pause",
            ),
            DrainPace::Resume => (None, "node.drain-resume"),
        };
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let ended = |error| match error {
            StoreError::Stale => ControlError::Conflict(ConflictReason::NoDrain),
            error => error.into(),
        };
        unit.set_drain_pause(drain.id, paused).await.map_err(ended)?;
        unit.audit(AuditEntry {
            at: now,
            action,
            subject: name.as_str(),
            operation: Some(drain.id),
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({}),
        })
        .await?;
        // Both are seen at once: a paused one says so, and one that goes on begins.
        unit.hurry_job(drain.id, now).await?;
        unit.signal(Signal::Operation(drain.id)).await?;
        Ok(unit.commit().await?)
    }

    /// Cancels the drain of a node: no more moves are begun, those under way end, and the node goes back to its mode before.
    /// What has moved stays where it is.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::NoDrain`].
    pub async fn cancel_drain(
        &self,
        caller: &Caller,
        name: &NodeName,
        reason: Option<&str>,
    ) -> Result<(), ControlError> {
        caller.require(Action::DrainNode)?;
        let reason = reason.ok_or(domain::Rule::Required);
        let reason = reason.and_then(crate::node::change::check_reason);
        let reason = reason.map_err(|rule| ControlError::field("reason", rule))?;
        let drain = self.open_drain(caller, name).await?;
        self.decide_operation(caller, drain.id, Decision::Cancel, Some(&reason))
            .await?;
        Ok(())
    }

    async fn open_drain(&self, caller: &Caller, name: &NodeName) -> Result<DrainRecord, ControlError> {
        let scoped = self.store.on_behalf_of(caller.actor());
        let nodes = scoped.nodes().await?;
        let node = nodes.into_iter().find(|node| node.name == *name);
        let node = node.ok_or(ControlError::NotFound("node"))?;
        let newest = scoped.newest_drain(node.id).await?;
        let open = newest.filter(|drain| drain.ended_at.is_none());
        open.ok_or(ControlError::Conflict(ConflictReason::NoDrain))
    }
}
