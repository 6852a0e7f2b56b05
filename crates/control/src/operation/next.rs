//! What happens next to operations that the control plane does itself, and who asked.

use crate::{Caller, Control, ControlError};
use domain::{Action, Direction, JobStatus, OperationId, OperationKind};
use std::collections::HashMap;
use store::{JobRecord, OperationRecord};
use wire::operation::{Next, Operation};

/// After so many tries of undoing a person should look.
const LOOK_AFTER: i32 = 5;

impl Control {
    /// Operations as the API shows them, with what happens next; the words are the reader's to choose.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn operations_view(
        &self,
        caller: &Caller,
        records: Vec<OperationRecord>,
    ) -> Result<Vec<Operation>, ControlError> {
        let ids: Vec<OperationId> = records
            .iter()
            .filter(|one| !one.state.is_final())
            .map(|one| one.id)
            .collect();
        let mut next = HashMap::new();
        if !ids.is_empty() {
            let scoped = self.store.on_behalf_of(caller.actor());
            for job in scoped.jobs_of_operations(&ids).await? {
                if let Some(operation) = job.operation {
                    next.insert(operation, self.next_of(&job));
                }
            }
        }
        let is_staff = caller.require(Action::ReadNodes).is_ok();
        Ok(records
            .into_iter()
            .map(|record| {
                let (id, by) = (record.id, record.requested_by.clone());
                let mut shown = super::view::operation_view(record);
                shown.next = next.remove(&id);
                shown.requested_by = is_staff.then_some(by);
                shown
            })
            .collect())
    }

    /// What happens next to a job.
    pub(crate) fn next_of(&self, job: &JobRecord) -> Next {
        let back = job.direction == Direction::Back;
        let is = match job.status {
            JobStatus::Queued if !self.registry.knows(&job.kind, job.version) => "unknown-version",
            // What it says last is how far it is.
            JobStatus::Queued if job.kind == OperationKind::DrainNode.as_str() && !back => "works",
            JobStatus::Queued if job.last_error.is_some() && back => "undoes-again",
            JobStatus::Queued if job.last_error.is_some() => "tries-again",
            JobStatus::Queued | JobStatus::Running if back => "undoes",
            JobStatus::Queued => "queued",
            JobStatus::Running => "works",
            JobStatus::Waiting => "waits-for-node",
            _ => "needs-person",
        };
        Next {
            is: is.to_owned(),
            at: (job.status == JobStatus::Queued).then_some(job.run_at),
            tries: job.tries,
            last_error: job.last_error.clone(),
            words: String::new(),
        }
    }

    /// Whether a job should be looked at by a person.
    pub(crate) const fn is_stuck(job: &JobRecord) -> bool {
        matches!(job.status, JobStatus::Dead)
            || (matches!(job.direction, Direction::Back) && job.tries >= LOOK_AFTER)
    }
}
