//! The way back: every step that was begun, the last first, for as long as it takes.

use crate::host::Host;
use crate::probe::{Fault, Moment};
use crate::saga::{AnyStep, Run, StepError, Turn};
use crate::saga_run::{Going, Under};
use domain::SagaStepStatus as Status;
use serde_json::Value;
use store::{Actor, SagaStepRecord};
use wire::node::CommandResult;
use wire::operation::Failure;

impl<H: Host> Under<'_, H> {
    /// Undoes what was begun and ends the saga, or waits and is called again.
    pub(crate) async fn back(&self, failure: &Failure) -> Result<(), StepError> {
        let scoped = self.engine.host.store().on_behalf_of(Actor::System);
        let begun = scoped.saga_steps(self.job.fence.job).await?;
        let outputs: Vec<(String, Value)> = begun
            .iter()
            .filter_map(|step| Some((step.name.clone(), step.output.clone()?)))
            .collect();
        for known in begun.iter().rev().filter(|known| known.status != Status::Undone) {
            let index = usize::try_from(known.position).unwrap_or(usize::MAX);
            let Some((name, step)) = self.saga.steps.get(index) else {
                continue;
            };
            let mut run = self.view(known.position, name, outputs.clone(), 1);
            run.failure = Some(failure.clone());
            match self.one_back(run, step.as_ref(), known).await? {
                Going::On(_) => {}
                Going::Parked | Going::Round(_) => return Ok(()),
            }
        }
        self.end(Some(failure), &Value::Null).await
    }

    async fn one_back(
        &self,
        mut run: Run<H>,
        step: &dyn AnyStep<H>,
        known: &SagaStepRecord,
    ) -> Result<Going, StepError> {
        let (position, name) = (run.position, run.name);
        let statuses = [Status::Undoing, Status::Undone, Status::UndoWaiting];
        let answer = (known.status == Status::UndoWaiting).then(|| known.answer.clone());
        let undone = match answer {
            Some(Some(CommandResult::Done(_))) => {
                self.take_over(position).await?;
                Ok(Turn::Done(Value::Null))
            }
            Some(Some(CommandResult::Failed(failure))) => {
                run.tries = known.tries.max(1);
                self.take_over(position).await?;
                Err(StepError::Failed(failure))
            }
            Some(None) if self.is_ordered().await? => return Ok(Going::Parked),
            _ => {
                if let Ok(tries) = self.begin_step(position, name, Status::Undoing).await? {
                    run.tries = tries;
                }
                self.undo(&run, step).await
            }
        };
        match undone {
            Ok(turn) => self.store_turn(position, turn, statuses).await,
            Err(StepError::Lost) => Err(StepError::Lost),
            Err(StepError::Retry(words) | StepError::Failed(Failure { detail: words, .. })) => {
                self.try_later(position, Status::Undoing, run.tries, &words)
                    .await?;
                Ok(Going::Parked)
            }
        }
    }

    async fn undo(&self, run: &Run<H>, step: &dyn AnyStep<H>) -> Result<Turn, StepError> {
        let on_order = || Err(StepError::Retry("A failure on order.".to_owned()));
        match self.probe(run.name, Moment::BeforeUndo).await {
            Fault::Fail | Fault::Retry => return on_order(),
            Fault::None | Fault::Repeat => {}
        }
        let turn = step.undo(run).await?;
        match self.probe(run.name, Moment::WithinUndo).await {
            Fault::None => Ok(turn),
            Fault::Fail | Fault::Retry => on_order(),
            Fault::Repeat => {
                drop(turn);
                step.undo(run).await
            }
        }
    }
}
