//! Runs a plan: writes down, does, and on failure undoes what was begun.

use crate::error::{NodeError, StepFailure, chain};
use crate::fault::Moment;
use crate::journal::{Beginning, CommandState};
use crate::plan::Plan;
use crate::room::Room;
use crate::run::{Progress, Run};
use domain::{CommandId, StepState};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use wire::node::{CommandResult, Outcome};
use wire::operation::OperationStep;

/// The pauses between attempts to undo, doubled each time.
const UNDO_PAUSE: Duration = Duration::from_millis(100);
const UNDO_PAUSE_MAX: Duration = Duration::from_secs(30);

/// Runs a plan to its end: done, or failed with everything undone.
pub(crate) async fn run<P: Plan>(
    room: &Arc<Room>,
    command: CommandId,
    plan: P,
    progress: &Progress,
) -> Outcome {
    let run = Run::new(room, command, P::KIND, progress);
    let failure = match forward(&run, &plan).await {
        Ok(()) => {
            let outcome = Outcome {
                steps: run.steps(),
                result: CommandResult::Done(plan.facts()),
            };
            match conclude(room, command, outcome).await {
                Ok(outcome) => {
                    plan.afterwards(room);
                    return outcome;
                }
                Err(error) => error.into(),
            }
        }
        Err(failure) => failure,
    };
    log_failure(command, P::KIND, &failure);
    back(&run, &plan).await;
    let outcome = failed(run.steps(), &failure);
    until_written(room, command, &outcome).await;
    outcome
}

/// The outcome of a command that failed.
pub(crate) fn failed(steps: Vec<OperationStep>, failure: &StepFailure) -> Outcome {
    Outcome {
        steps,
        result: CommandResult::Failed(failure.to_wire()),
    }
}

pub(crate) fn log_failure(command: CommandId, kind: &str, failure: &StepFailure) {
    tracing::info!(%command, kind, failure = chain(failure), "command failed");
}

/// Text for the journal; our own types have text keys only, so that this cannot fail.
pub(crate) fn intents<P: Plan>(plan: &P) -> Value {
    serde_json::to_value(plan.intent()).unwrap_or_default()
}

async fn forward<P: Plan>(run: &Run<'_>, plan: &P) -> Result<(), StepFailure> {
    for step in P::STEPS {
        run.begin(step.name);
        let result = one_step(run, plan, step.name).await;
        match &result {
            Ok(()) => run.end(StepState::Done, None),
            Err(failure) => run.end(StepState::Failed, Some(&failure.detail)),
        }
        result?;
    }
    Ok(())
}

async fn one_step<P: Plan>(run: &Run<'_>, plan: &P, step: &'static str) -> Result<(), StepFailure> {
    run.room
        .journal
        .save(run.command, CommandState::Running, &run.steps())
        .await?;
    run.point(step, Moment::Before)?;
    plan.apply(step, run).await?;
    if run.room.settings.faults.repeats(P::KIND, step) {
        plan.apply(step, run).await?;
    }
    run.point(step, Moment::After)
}

/// Undoes what was begun, for as long as it takes: what is half done must never be reported as undone.
async fn back<P: Plan>(run: &Run<'_>, plan: &P) {
    let mut pause = UNDO_PAUSE;
    loop {
        let steps = run.steps();
        // That undoing began need not be written down: a command that runs is undone all the same.
        if let Err(error) = run
            .room
            .journal
            .save(run.command, CommandState::Undoing, &steps)
            .await
        {
            tracing::debug!(command = %run.command, error = chain(&error), "journal not written");
        }
        match undo::<P>(run.room, plan.intent(), &steps).await {
            Ok(()) => return,
            Err(failure) => {
                tracing::warn!(command = %run.command, failure = chain(&failure), "undoing failed, trying again");
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(UNDO_PAUSE_MAX);
    }
}

/// Undoes the steps that were begun, the last one first.
pub(crate) async fn undo<P: Plan>(
    room: &Room,
    intent: &P::Intent,
    steps: &[OperationStep],
) -> Result<(), StepFailure> {
    for step in steps.iter().rev() {
        P::undo(intent, &step.name, room).await?;
    }
    Ok(())
}

async fn finish(room: &Room, command: CommandId, outcome: &Outcome) -> Result<(), NodeError> {
    let mut connection = room.journal.pool.acquire().await?;
    room.journal.finish(&mut connection, command, outcome).await
}

/// Writes down that a command is done. A commit whose answer was lost is looked for until PostgreSQL tells.
async fn conclude(room: &Room, command: CommandId, outcome: Outcome) -> Result<Outcome, NodeError> {
    let Err(error) = finish(room, command, &outcome).await else {
        return Ok(outcome);
    };
    loop {
        match room.journal.known(command).await {
            Ok(Beginning::Known(outcome)) => return Ok(*outcome),
            Ok(Beginning::Fresh) => return Err(error),
            Err(error) => tracing::warn!(%command, error = chain(&error), "outcome not known, looking again"),
        }
        sleep(UNDO_PAUSE_MAX / 30).await;
    }
}

/// Writes an outcome down, waiting for PostgreSQL if need be.
async fn until_written(room: &Room, command: CommandId, outcome: &Outcome) {
    let mut pause = UNDO_PAUSE;
    while let Err(error) = finish(room, command, outcome).await {
        tracing::warn!(%command, error = chain(&error), "outcome not written, trying again");
        sleep(pause).await;
        pause = (pause * 2).min(UNDO_PAUSE_MAX);
    }
}
