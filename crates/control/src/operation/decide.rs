//! A person decides about the control plane's own work: to be done again now, to be undone, or to be left as it is.

use crate::node::change::check_reason;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, JobId, JobStatus, OperationId, Rule};
use store::{AuditEntry, JobFilter, JobRecord, Signal, StoreError, Unit};
use wire::operation::Failure;
use wire::work::{Job, JobQuery};

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// To be done again now, its tries counted anew.
    Retry,
    /// Not to be done; a saga that has begun is undone.
    Cancel,
    /// To be left as it is. Nothing is undone.
    Abandon,
}

impl Decision {
    const fn action(self) -> &'static str {
        match self {
            Self::Retry => "operation.retry",
            Self::Cancel => "operation.cancel",
            Self::Abandon => "operation.abandon",
        }
    }
}

impl Control {
    /// Jobs, newest first.
    ///
    /// # Errors
    /// [`ControlError::Invalid`].
    pub async fn jobs(&self, caller: &Caller, query: &JobQuery) -> Result<Vec<Job>, ControlError> {
        caller.require(Action::ReadWork)?;
        let status = query.status.as_deref().map(str::parse::<JobStatus>).transpose();
        let status = status.map_err(|rule| ControlError::field("status", rule))?;
        let limit = query.limit.unwrap_or(50);
        if !(1..=200).contains(&limit) {
            return Err(ControlError::field("limit", Rule::Range { min: 1, max: 200 }));
        }
        let filter = JobFilter {
            status,
            kind: query.kind.as_ref().map(|kind| kind.replace('\0', "\u{fffd}")),
            before: None,
        };
        let jobs = self
            .store
            .on_behalf_of(caller.actor())
            .jobs(&filter, limit)
            .await?;
        Ok(jobs.into_iter().map(|job| self.job_view(job)).collect())
    }

    /// Decides about a job.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::NothingToDecide`].
    pub async fn decide_job(
        &self,
        caller: &Caller,
        id: JobId,
        decision: Decision,
        reason: Option<&str>,
    ) -> Result<Job, ControlError> {
        caller.require(Action::DecideOperation)?;
        let reason = reason.ok_or(Rule::Required).and_then(check_reason);
        let reason = reason.map_err(|rule| ControlError::field("reason", rule))?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        // Before the job's row, as a node's answer takes them.
        let withdrawn = decision != Decision::Retry && unit.withdraw_job_command(id, now).await?;
        let job = unit.lock_job(id).await?.ok_or(ControlError::NotFound("job"))?;
        self.decide(&mut unit, &job, decision, &reason, withdrawn).await?;
        unit.audit(AuditEntry {
            at: now,
            action: decision.action(),
            subject: &job.kind,
            operation: job.operation,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({ "job": job.id, "reason": reason }),
        })
        .await?;
        if let Some(operation) = job.operation {
            unit.signal(Signal::Operation(operation)).await?;
        }
        unit.commit().await?;
        let job = self.store.on_behalf_of(caller.actor()).job(id).await?;
        job.map(|job| self.job_view(job))
            .ok_or(ControlError::NotFound("job"))
    }

    async fn decide(
        &self,
        unit: &mut Unit,
        job: &JobRecord,
        decision: Decision,
        reason: &str,
        withdrawn: bool,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        let has_begun = job.started_at.is_some();
        let stale = |error| match error {
            StoreError::Stale => ControlError::Conflict(ConflictReason::NothingToDecide),
            error => error.into(),
        };
        match decision {
            Decision::Retry => unit.retry_job(job.id, now).await.map_err(stale),
            // What has begun is undone by its own steps.
            Decision::Cancel if job.operation.is_some() && has_begun => {
                unit.ask_to_turn_back(job.id, reason, now).await.map_err(stale)?;
                match withdrawn {
                    true => Ok(unit.wake_job(job.id, now).await?),
                    false => Ok(()),
                }
            }
            Decision::Cancel => {
                let failure = failure("cancelled", format!("Cancelled: {reason}"));
                self.close(unit, job, JobStatus::Cancelled, &failure).await
            }
            Decision::Abandon if Self::is_stuck(job) || (job.operation.is_some() && has_begun) => {
                let failure = failure("abandoned", format!("Left as it was: {reason}"));
                self.close(unit, job, JobStatus::Abandoned, &failure).await
            }
            Decision::Abandon => Err(ControlError::Conflict(ConflictReason::NothingToDecide)),
        }
    }

    async fn close(
        &self,
        unit: &mut Unit,
        job: &JobRecord,
        status: JobStatus,
        failure: &Failure,
    ) -> Result<(), ControlError> {
        let closed = unit.close_job(job.id, status, failure, self.world.now()).await;
        closed.map_err(|error| match error {
            StoreError::Stale => ControlError::Conflict(ConflictReason::NothingToDecide),
            error => error.into(),
        })?;
        let end = operations::SagaEnd {
            operation: job.operation,
            arguments: &job.arguments,
            failure: Some(failure),
            output: &serde_json::Value::Null,
        };
        self.end_of_saga(unit, &end).await
    }

    /// Decides about the job of an operation.
    ///
    /// # Errors
    /// As for [`Control::decide_job`]; an operation that a node does has none.
    pub async fn decide_operation(
        &self,
        caller: &Caller,
        id: OperationId,
        decision: Decision,
        reason: Option<&str>,
    ) -> Result<wire::operation::Operation, ControlError> {
        caller.require(Action::DecideOperation)?;
        let reason = reason.ok_or(Rule::Required).and_then(check_reason);
        let reason = reason.map_err(|rule| ControlError::field("reason", rule))?;
        let job = self.job_of(caller, id).await?;
        let job = job.ok_or(ControlError::Conflict(ConflictReason::NothingToDecide))?;
        self.decide_job(caller, job, decision, Some(&reason)).await?;
        self.show_operation(caller, id).await
    }

    /// The job that does an operation, if it is not a node's.
    pub(crate) async fn job_of(
        &self,
        caller: &Caller,
        id: OperationId,
    ) -> Result<Option<JobId>, ControlError> {
        let operation = self.operation(caller, id).await?;
        let jobs = self
            .store
            .on_behalf_of(caller.actor())
            .jobs_of_operations(&[operation.id])
            .await?;
        Ok(jobs.first().map(|job| job.id))
    }

    fn job_view(&self, job: JobRecord) -> Job {
        let is_known = self.registry.knows(&job.kind, job.version);
        let waiting_for = (job.status == JobStatus::Queued && !is_known).then(|| {
            format!(
                "This server does not know {} in version {}.",
                job.kind, job.version
            )
        });
        Job {
            id: job.id.to_string(),
            kind: job.kind,
            version: job.version,
            status: job.status.to_string(),
            direction: job.direction.to_string(),
            tries: job.tries,
            next_at: (job.status == JobStatus::Queued).then_some(job.run_at),
            last_error: job.last_error,
            operation: job.operation.map(|id| id.to_string()),
            schedule: job.schedule,
            waiting_for,
            requested_by: job.requested_by,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

fn failure(code: &str, detail: String) -> Failure {
    Failure {
        code: code.to_owned(),
        detail,
    }
}
