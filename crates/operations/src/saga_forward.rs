//! The way forward: each step in turn, from the first that is not done.

use crate::host::Host;
use crate::probe::{Fault, Moment};
use crate::saga::{AnyStep, Run, StepError, Turn};
use crate::saga_run::{Going, Under};
use domain::SagaStepStatus as Status;
use serde_json::Value;
use store::SagaStepRecord;
use wire::node::CommandResult;
use wire::operation::Failure;

impl<H: Host> Under<'_, H> {
    /// Goes forward; gives a failure when the saga has to go back, and nothing when it has ended or waits.
    pub(crate) async fn forward(&self, begun: &[SagaStepRecord]) -> Result<Option<Failure>, StepError> {
        let mut outputs: Vec<(String, Value)> = Vec::new();
        let mut last = Value::Null;
        for (index, (name, step)) in self.saga.steps.iter().enumerate() {
            let position = i16::try_from(index).unwrap_or(i16::MAX);
            let known = begun.iter().find(|known| known.position == position);
            if let Some(done) = known.filter(|known| known.status == Status::Done) {
                last = done.output.clone().unwrap_or_default();
                outputs.push(((*name).to_owned(), last.clone()));
                continue;
            }
            let run = self.view(position, name, outputs.clone(), 1);
            match self.one_forward(run, step.as_ref(), known).await? {
                Going::On(output) => {
                    self.probe(name, Moment::After).await;
                    last = output.clone();
                    outputs.push(((*name).to_owned(), output));
                }
                Going::Parked => return Ok(None),
                Going::Round(failure) => {
                    self.turn_round(&failure).await?;
                    return Ok(Some(failure));
                }
            }
        }
        self.end(None, &last).await?;
        Ok(None)
    }

    async fn one_forward(
        &self,
        mut run: Run<H>,
        step: &dyn AnyStep<H>,
        known: Option<&SagaStepRecord>,
    ) -> Result<Going, StepError> {
        let (position, name) = (run.position, run.name);
        let waiting = known.filter(|known| known.status == Status::Waiting);
        let gone = match waiting.map(|known| known.answer.clone()) {
            Some(Some(CommandResult::Failed(failure))) => {
                self.take_over(position).await?;
                run.tries = known.map_or(1, |known| known.tries);
                Err(step.refused(&run, failure))
            }
            Some(Some(CommandResult::Done(facts))) => {
                self.take_over(position).await?;
                step.answered(&run, facts).await
            }
            Some(None) if self.is_ordered().await? => return Ok(Going::Parked),
            _ => match self.begin_step(position, name, Status::Running).await? {
                Ok(tries) => {
                    run.tries = tries;
                    self.apply(&run, step).await
                }
                Err(cancelled) => return Ok(Going::Round(cancelled)),
            },
        };
        let turn = match gone {
            Ok(turn) => self.within(&run, step, turn).await,
            Err(error) => Err(error),
        };
        match turn {
            Ok(turn) => {
                self.store_turn(position, turn, [Status::Running, Status::Done, Status::Waiting])
                    .await
            }
            Err(error) => self.not_done(&run, error).await,
        }
    }

    async fn apply(&self, run: &Run<H>, step: &dyn AnyStep<H>) -> Result<Turn, StepError> {
        match self.probe(run.name, Moment::Before).await {
            Fault::Fail => Err(StepError::failed("ordered", "A failure on order.")),
            Fault::Retry => Err(StepError::Retry("A failure on order.".to_owned())),
            Fault::None | Fault::Repeat => step.apply(run).await,
        }
    }

    /// Between the doing and the storing.
    async fn within(&self, run: &Run<H>, step: &dyn AnyStep<H>, turn: Turn) -> Result<Turn, StepError> {
        match self.probe(run.name, Moment::Within).await {
            Fault::None => Ok(turn),
            Fault::Fail => Err(StepError::failed("ordered", "A failure on order.")),
            Fault::Retry => Err(StepError::Retry("A failure on order.".to_owned())),
            Fault::Repeat => {
                // What was not committed never was, which is what a worker that dies here leaves.
                drop(turn);
                step.apply(run).await
            }
        }
    }

    async fn not_done(&self, run: &Run<H>, error: StepError) -> Result<Going, StepError> {
        let position = run.position;
        let failure = match error {
            StepError::Lost => return Err(StepError::Lost),
            StepError::Retry(words) if run.tries < self.saga.most_tries => {
                self.try_later(position, Status::Running, run.tries, &words)
                    .await?;
                return Ok(Going::Parked);
            }
            StepError::Retry(words) => Failure {
                code: "gave-up".to_owned(),
                detail: format!(
                    "Step {} was tried {} times. The last time: {words}",
                    run.name, run.tries
                ),
            },
            StepError::Failed(failure) => failure,
        };
        let now = self.engine.host.now();
        let mut unit = self.hold().await?;
        unit.set_step(
            self.job.fence,
            position,
            Status::Failed,
            None,
            Some(&failure.detail),
            now,
        )
        .await
        .map_err(StepError::of_own_writing)?;
        self.show(&mut unit).await?;
        unit.commit().await?;
        Ok(Going::Round(failure))
    }

    async fn turn_round(&self, failure: &Failure) -> Result<(), StepError> {
        let mut unit = self.hold().await?;
        unit.turn_job_back(self.job.fence, &failure.code, &failure.detail)
            .await
            .map_err(StepError::of_own_writing)?;
        Ok(unit.commit().await?)
    }

    /// Makes a step that another worker began this one's.
    pub(crate) async fn take_over(&self, position: i16) -> Result<(), StepError> {
        let mut unit = self.hold().await?;
        unit.take_step_over(self.job.fence, position).await?;
        Ok(unit.commit().await?)
    }

    /// Whether a node still has the saga's command; then the saga waits on.
    pub(crate) async fn is_ordered(&self) -> Result<bool, StepError> {
        let mut unit = self.hold().await?;
        let open = unit.open_command_of_job(self.job.fence.job).await?.is_some();
        if open {
            unit.await_answer(self.job.fence)
                .await
                .map_err(StepError::of_own_writing)?;
            unit.commit().await?;
        }
        Ok(open)
    }
}
