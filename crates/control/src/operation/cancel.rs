//! Taking back what no node has begun, and telling why something has not.

use crate::node::change::check_reason;
use crate::operation::decide::Decision;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, NodeMode, OperationId, OperationState, Rule, TenantId, TenantSwitch};
use jiff::tz::TimeZone;
use store::{AuditEntry, OperationRecord, Signal};
use wire::operation::{Failure, Operation};

/// The failure of an operation that was taken back.
pub const CANCELLED: &str = "cancelled";

impl Control {
    /// Takes an operation back that no node has begun; what it was for is as if nobody had asked.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::OperationBegun`].
    pub async fn cancel_operation(
        &self,
        caller: &Caller,
        id: OperationId,
        reason: Option<&str>,
    ) -> Result<OperationRecord, ControlError> {
        caller.require(Action::CancelOperation)?;
        let reason = reason.ok_or(Rule::Required).and_then(check_reason);
        let reason = reason.map_err(|rule| ControlError::field("reason", rule))?;
        if let Some(job) = self.job_of(caller, id).await? {
            self.decide_job(caller, job, Decision::Cancel, Some(&reason))
                .await?;
            return self.operation(caller, id).await;
        }
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let operation = unit
            .operation(id)
            .await?
            .ok_or(ControlError::NotFound("operation"))?;
        if !unit.withdraw_command(id, now).await? {
            if operation.kind.is_upkeep() {
                drop(unit);
                return self.stop_upkeep(caller, &operation, &reason).await;
            }
            return Err(ControlError::Conflict(ConflictReason::OperationBegun));
        }
        let failure = Failure {
            code: CANCELLED.to_owned(),
            detail: format!("Cancelled before a node began it: {reason}"),
        };
        self.fail(&mut unit, &operation, &failure).await?;
        unit.audit(AuditEntry {
            at: now,
            action: "operation.cancel",
            subject: &operation.subject,
            operation: Some(id),
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({ "reason": reason }),
        })
        .await?;
        unit.signal(Signal::Operation(id)).await?;
        if let Some(parent) = operation.parent {
            self.end_if_complete(&mut unit, parent).await?;
        }
        unit.commit().await?;
        self.operation(caller, id).await
    }

    /// An operation as the API shows it, with what it waits for.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is none of this identity.
    pub async fn show_operation(&self, caller: &Caller, id: OperationId) -> Result<Operation, ControlError> {
        let record = self.operation(caller, id).await?;
        let (state, node, tenant) = (record.state, record.node.clone(), record.tenant);
        let mut views = self.operations_view(caller, vec![record]).await?;
        let mut shown = views.pop().ok_or(ControlError::NotFound("operation"))?;
        if state == OperationState::Queued && self.is_stopped(caller, tenant).await? {
            shown.waiting_for = Some("The operator has stopped the tenant.".to_owned());
        } else if let (OperationState::Queued, Some(name)) = (state, node) {
            let nodes = self.store.on_behalf_of(caller.actor()).nodes().await?;
            let node = nodes.into_iter().find(|node| node.name == name);
            let obstacle = node.and_then(|node| self.obstacle(&node));
            // The operator's words on a node are for the staff.
            let is_staff = caller.require(Action::ReadNodes).is_ok();
            shown.waiting_for = obstacle.map(|words| match is_staff {
                true => words,
                false => "The server that does it takes no work now.".to_owned(),
            });
        }
        Ok(shown)
    }

    /// Whether the operator has stopped the tenant of an operation.
    async fn is_stopped(&self, caller: &Caller, tenant: Option<TenantId>) -> Result<bool, ControlError> {
        let Some(tenant) = tenant else {
            return Ok(false);
        };
        let reach = caller.reach(Action::ReadOperations)?;
        let found = self
            .store
            .on_behalf_of(caller.actor())
            .tenant_by_id(&reach, tenant)
            .await?;
        Ok(found.is_some_and(|tenant| tenant.switch.position == TenantSwitch::Stopped))
    }

    /// Why a node takes no command now.
    fn obstacle(&self, node: &store::NodeRecord) -> Option<String> {
        let name = &node.name;
        if node.care.mode == NodeMode::Stopped {
            let reason = node.care.reason.as_deref().unwrap_or_default();
            return Some(format!("Node {name} is stopped: {reason}"));
        }
        let horizon = self.world.now() - crate::node::list::AWAY_AFTER;
        let minute = |at: jiff::Timestamp| {
            at.to_zoned(TimeZone::UTC)
                .strftime("%Y-%m-%d %H:%M UTC")
                .to_string()
        };
        match node.last_seen_at {
            Some(seen) if seen > horizon => None,
            Some(seen) if self.is_lost(node.heard_at()) => Some(format!(
                "Node {name} is lost; it was last heard of at {}. This waits until it is back, or taken out.",
                minute(seen)
            )),
            Some(seen) => Some(format!(
                "Node {name} is away; it was last heard of at {}.",
                minute(seen)
            )),
            None => Some(format!("Node {name} has not been heard of yet.")),
        }
    }
}
