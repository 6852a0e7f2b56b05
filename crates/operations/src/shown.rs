//! A saga's steps as an operation shows them.

use domain::SagaStepStatus;
use store::SagaStepRecord;
use wire::operation::OperationStep;

/// The steps of a saga with those of the nodes below them, as `copy` and `copy/dump`.
pub fn shown_steps(steps: &[SagaStepRecord]) -> Vec<OperationStep> {
    let mut shown = Vec::with_capacity(steps.len());
    for step in steps {
        let milliseconds = step
            .finished_at
            .map(|end| end.duration_since(step.started_at).as_millis());
        shown.push(OperationStep {
            name: step.name.clone(),
            state: word(step.status).to_owned(),
            started_at: step.started_at,
            milliseconds: milliseconds.and_then(|millis| u64::try_from(millis).ok()),
            note: note(step),
        });
        shown.extend(step.parts.iter().map(|part| OperationStep {
            name: format!("{}/{}", step.name, part.name),
            ..part.clone()
        }));
    }
    shown
}

const fn word(status: SagaStepStatus) -> &'static str {
    match status {
        SagaStepStatus::Running => "running",
        SagaStepStatus::Waiting => "waiting",
        SagaStepStatus::Done => "done",
        SagaStepStatus::Failed => "failed",
        SagaStepStatus::Undoing | SagaStepStatus::UndoWaiting => "undoing",
        SagaStepStatus::Undone => "undone",
    }
}

fn note(step: &SagaStepRecord) -> Option<String> {
    let tries = (step.tries > 1).then(|| format!("try {}", step.tries));
    match (tries, &step.error) {
        (Some(tries), Some(error)) => Some(format!("{tries}: {error}")),
        (tries, error) => tries.or_else(|| error.clone()),
    }
}
