//! Runs a saga as far as it goes: forward, and back if need be. Every step is written down before it begins, and its output
//! before the next; each writing holds the job's row, so that a worker that lost its lease is refused.

use crate::backoff::{Backoff, delay};
use crate::engine::Engine;
use crate::host::{Host, SagaEnd};
use crate::job::held;
use crate::probe::{Fault, Moment, Point};
use crate::saga::{Run, Saga, StepError, Turn};
use crate::shown::shown_steps;
use domain::{Direction, SagaStepStatus};
use jiff::SignedDuration;
use serde_json::Value;
use store::{Actor, ClaimedJob, JobEnd, SagaStepRecord, Signal, Unit};
use wire::operation::Failure;

/// The failure of a saga that a person wanted undone.
pub(crate) const CANCELLED: &str = "cancelled";

/// Whether the worker goes on with the saga.
pub(crate) enum Going {
    /// The step has ended, with its output.
    On(Value),
    /// The saga waits for a node, or for its time.
    Parked,
    /// It turns round.
    Round(Failure),
}

/// A saga in the hands of a worker.
pub(crate) struct Under<'a, H: Host> {
    pub(crate) engine: &'a Engine<H>,
    pub(crate) saga: &'a Saga<H>,
    pub(crate) job: &'a ClaimedJob,
}

pub(crate) async fn run<H: Host>(
    engine: &Engine<H>,
    saga: &Saga<H>,
    job: &ClaimedJob,
) -> Result<(), StepError> {
    let under = Under { engine, saga, job };
    let scoped = engine.host.store().on_behalf_of(Actor::System);
    let begun = scoped.saga_steps(job.fence.job).await?;
    let alien = begun
        .iter()
        .find(|step| under.name_at(step.position) != Some(step.name.as_str()));
    if let Some(alien) = alien {
        let words = format!(
            "Step {} of it is not in this version's list; it waits for a server that knows it.",
            alien.name
        );
        return under.wait_for_another(&words).await;
    }
    let failure = match job.direction {
        Direction::Forward => match under.forward(&begun).await? {
            Some(failure) => failure,
            None => return Ok(()),
        },
        Direction::Back => Failure {
            code: job.failure_code.clone().unwrap_or_default(),
            detail: job.failure_detail.clone().unwrap_or_default(),
        },
    };
    under.back(&failure).await
}

impl<H: Host> Under<'_, H> {
    fn name_at(&self, position: i16) -> Option<&'static str> {
        let index = usize::try_from(position).ok()?;
        self.saga.steps.get(index).map(|(name, _)| *name)
    }

    /// What a step sees.
    pub(crate) fn view(
        &self,
        position: i16,
        name: &'static str,
        outputs: Vec<(String, Value)>,
        tries: i32,
    ) -> Run<H> {
        Run {
            host: self.engine.host.clone(),
            fence: self.job.fence,
            operation: self.job.operation,
            requested_by: self.job.requested_by.clone(),
            tries,
            failure: None,
            position,
            name,
            arguments: self.job.arguments.clone(),
            outputs,
        }
    }

    /// What goes wrong on order here.
    pub(crate) async fn probe(&self, step: &'static str, moment: Moment) -> Fault {
        let kind = self.saga.kind;
        self.engine.probe.at(Point { kind, step, moment }).await
    }

    /// A transaction that holds the saga.
    pub(crate) async fn hold(&self) -> Result<Unit, StepError> {
        held(&self.engine.host, self.job.fence).await
    }

    /// Writes down that a step begins, shows it, and gives which try it is. A cancelled saga does not begin one.
    pub(crate) async fn begin_step(
        &self,
        position: i16,
        name: &'static str,
        status: SagaStepStatus,
    ) -> Result<Result<i32, Failure>, StepError> {
        let host = &self.engine.host;
        let mut unit = host.store().on_behalf_of(Actor::System).begin().await?;
        let cancelled = unit
            .hold_job(self.job.fence)
            .await
            .map_err(StepError::of_own_writing)?;
        if let (Some(reason), SagaStepStatus::Running) = (cancelled, status) {
            return Ok(Err(Failure {
                code: CANCELLED.to_owned(),
                detail: format!("Cancelled: {reason}"),
            }));
        }
        unit.begin_step(self.job.fence, position, name, status, host.now())
            .await?;
        let steps = self.show(&mut unit).await?;
        unit.commit().await?;
        let begun = steps.iter().find(|step| step.position == position);
        Ok(Ok(begun.map_or(1, |step| step.tries)))
    }

    /// Shows the steps in the operation.
    pub(crate) async fn show(&self, unit: &mut Unit) -> Result<Vec<SagaStepRecord>, StepError> {
        let steps = unit.saga_steps(self.job.fence.job).await?;
        if let Some(operation) = self.job.operation {
            unit.show_operation_under_way(operation, &shown_steps(&steps), self.engine.host.now())
                .await?;
        }
        Ok(steps)
    }

    /// Stores what a turn of a step means. `done` and `waiting` are where the step stands then.
    pub(crate) async fn store_turn(
        &self,
        position: i16,
        turn: Turn,
        [begun, done, waiting]: [SagaStepStatus; 3],
    ) -> Result<Going, StepError> {
        let now = self.engine.host.now();
        let fence = self.job.fence;
        match turn {
            Turn::Done(output) => {
                let unit = self.hold().await?;
                self.store_output(unit, position, done, output).await
            }
            Turn::Within(mut unit, output) => {
                unit.hold_job(fence).await.map_err(StepError::of_own_writing)?;
                self.store_output(unit, position, done, output).await
            }
            Turn::Ordered(mut unit) => {
                unit.hold_job(fence).await.map_err(StepError::of_own_writing)?;
                unit.set_step(fence, position, waiting, None, None, now)
                    .await
                    .map_err(StepError::of_own_writing)?;
                self.show(&mut unit).await?;
                unit.await_answer(fence)
                    .await
                    .map_err(StepError::of_own_writing)?;
                unit.commit().await?;
                Ok(Going::Parked)
            }
            Turn::Later(time, words) => {
                let mut unit = self.hold().await?;
                unit.set_step(fence, position, begun, None, None, now)
                    .await
                    .map_err(StepError::of_own_writing)?;
                self.show(&mut unit).await?;
                self.postpone(unit, time, &words).await?;
                Ok(Going::Parked)
            }
        }
    }

    async fn store_output(
        &self,
        mut unit: Unit,
        position: i16,
        status: SagaStepStatus,
        output: Value,
    ) -> Result<Going, StepError> {
        let now = self.engine.host.now();
        let kept = (status == SagaStepStatus::Done).then_some(&output);
        unit.set_step(self.job.fence, position, status, kept, None, now)
            .await
            .map_err(StepError::of_own_writing)?;
        self.show(&mut unit).await?;
        unit.commit().await?;
        Ok(Going::On(output))
    }

    /// Gives the saga back until later. A saga has no limit of its own; its steps have.
    async fn postpone(&self, mut unit: Unit, time: SignedDuration, words: &str) -> Result<(), StepError> {
        let at = self
            .engine
            .host
            .now()
            .saturating_add(time)
            .unwrap_or(jiff::Timestamp::MAX);
        unit.postpone_job(self.job.fence, at, Some(words), 0)
            .await
            .map_err(StepError::of_own_writing)?;
        Ok(unit.commit().await?)
    }

    /// Tries a step again later, longer each time.
    pub(crate) async fn try_later(
        &self,
        position: i16,
        status: SagaStepStatus,
        tries: i32,
        words: &str,
    ) -> Result<(), StepError> {
        let host = &self.engine.host;
        let mut unit = self.hold().await?;
        unit.set_step(self.job.fence, position, status, None, Some(words), host.now())
            .await
            .map_err(StepError::of_own_writing)?;
        self.show(&mut unit).await?;
        let time = delay(self.engine.pace.backoff, tries, host.random());
        self.postpone(unit, time, words).await
    }

    async fn wait_for_another(&self, words: &str) -> Result<(), StepError> {
        let patience = Backoff::default().longest;
        let unit = self.hold().await?;
        self.postpone(unit, patience, words).await
    }

    /// Ends the saga, and with it what it was for.
    pub(crate) async fn end(&self, failure: Option<&Failure>, output: &Value) -> Result<(), StepError> {
        let host = &self.engine.host;
        let mut unit = self.hold().await?;
        let end = SagaEnd {
            operation: self.job.operation,
            arguments: &self.job.arguments,
            failure,
            output,
        };
        host.saga_ended(&mut unit, &end).await?;
        let ends = failure.map_or(JobEnd::Succeeded(output), JobEnd::Failed);
        unit.end_job(self.job.fence, ends, host.now())
            .await
            .map_err(StepError::of_own_writing)?;
        if let Some(operation) = self.job.operation {
            unit.signal(Signal::Operation(operation)).await?;
        }
        // Whoever waits for the key can go now.
        unit.signal(Signal::Jobs).await?;
        Ok(unit.commit().await?)
    }
}
