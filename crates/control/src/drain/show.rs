//! How the newest drain of a node stands, tenant by tenant.

use crate::{Caller, Control, ControlError};
use domain::{Action, Direction, NodeName, OperationState};
use store::{DrainMoveRecord, DrainRecord, OperationRecord};
use wire::drain::{Drain, DrainTenant};
use wire::operation::Failure;

impl Control {
    /// The newest drain of a node, under way or not.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is no such node, or it was never drained.
    pub async fn show_drain(&self, caller: &Caller, name: &NodeName) -> Result<Drain, ControlError> {
        caller.require(Action::ReadNodes)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let nodes = scoped.nodes().await?;
        let node = nodes.into_iter().find(|node| node.name == *name);
        let node = node.ok_or(ControlError::NotFound("node"))?;
        let drain = scoped.newest_drain(node.id).await?;
        let drain = drain.ok_or(ControlError::NotFound("drain"))?;
        let operation = self.operation(caller, drain.id).await?;
        let jobs = scoped.jobs_of_operations(&[drain.id]).await?;
        let goes_back = jobs
            .first()
            .is_some_and(|job| job.direction == Direction::Back || job.cancel_reason.is_some());
        let tenants: Vec<DrainTenant> = scoped
            .drain_moves(drain.id)
            .await?
            .into_iter()
            .map(tenant)
            .collect();
        let state = state(&drain, &operation, goes_back, &tenants);
        Ok(Drain {
            operation: drain.id.to_string(),
            node: name.to_string(),
            plan: drain.plan,
            state: state.to_owned(),
            parallel: drain.at_once,
            mode_before: drain.mode_before.to_string(),
            began_at: drain.began_at,
            paused_at: drain.paused_at,
            paused_by: drain.paused_by,
            ended_at: drain.ended_at,
            failure: operation.failure,
            tenants,
        })
    }
}

fn state(
    drain: &DrainRecord,
    operation: &OperationRecord,
    goes_back: bool,
    tenants: &[DrainTenant],
) -> &'static str {
    match operation.state {
        OperationState::Succeeded => "succeeded",
        OperationState::Failed => "failed",
        _ if goes_back => "cancelling",
        _ if drain.paused_at.is_none() => "running",
        _ if tenants.iter().any(|tenant| tenant.state == "moving") => "pausing",
        _ => "paused",
    }
}

fn tenant(record: DrainMoveRecord) -> DrainTenant {
    let gone = |record: &DrainMoveRecord| record.failure.as_ref().is_some_and(|why| why.code == "gone");
    let state = match record.state {
        Some(OperationState::Succeeded) => "moved",
        Some(OperationState::Failed) => "failed",
        Some(_) => "moving",
        None if gone(&record) => "gone",
        None if record.failure.is_some() => "stays",
        None => "waiting",
    };
    DrainTenant {
        subdomain: record.subdomain,
        to: record.to.map(String::from),
        state: state.to_owned(),
        bytes: record.bytes.unsigned_abs(),
        operation: record.operation.map(|id| id.to_string()),
        waiting_for: record.put_off_for,
        failure: record.failure.map(|why| Failure {
            code: why.code,
            detail: why.detail,
        }),
        stop_ms: record.stop_ms,
    }
}
