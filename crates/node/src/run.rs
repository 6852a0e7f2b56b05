//! One command under way: its steps with their times, its notes, and the faults that a test ordered.

use crate::clock;
use crate::error::{Code, StepFailure};
use crate::fault::Moment;
use crate::room::Room;
use domain::{CommandId, StepState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;
use wire::operation::OperationStep;

/// Where the steps so far are told.
pub type Progress = watch::Sender<Vec<OperationStep>>;

/// One command under way.
pub(crate) struct Run<'a> {
    pub(crate) room: &'a Room,
    pub(crate) command: CommandId,
    kind: &'static str,
    steps: Mutex<(Vec<OperationStep>, Instant)>,
    progress: &'a Progress,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        room: &'a Room,
        command: CommandId,
        kind: &'static str,
        progress: &'a Progress,
    ) -> Self {
        Self {
            room,
            command,
            kind,
            steps: Mutex::new((Vec::new(), Instant::now())),
            progress,
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Vec<OperationStep>, Instant)> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The steps so far.
    pub(crate) fn steps(&self) -> Vec<OperationStep> {
        self.lock().0.clone()
    }

    pub(crate) fn begin(&self, name: &'static str) {
        let mut guard = self.lock();
        guard.1 = Instant::now();
        guard.0.push(OperationStep {
            name: name.to_owned(),
            state: StepState::Running.to_string(),
            started_at: clock::now(),
            milliseconds: None,
            note: None,
        });
        self.progress.send_replace(guard.0.clone());
    }

    pub(crate) fn end(&self, state: StepState, note: Option<&str>) {
        let mut guard = self.lock();
        let milliseconds = u64::try_from(guard.1.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(step) = guard.0.last_mut() {
            step.state = state.to_string();
            step.milliseconds = Some(milliseconds);
            if let Some(note) = note {
                step.note = Some(note.to_owned());
            }
        }
        self.progress.send_replace(guard.0.clone());
    }

    /// Says something about the step under way.
    pub(crate) fn note(&self, note: String) {
        let mut guard = self.lock();
        if let Some(step) = guard.0.last_mut() {
            step.note = Some(note);
        }
        self.progress.send_replace(guard.0.clone());
    }

    /// Fails where a test ordered it. `point` is a step, or a step and its part joined by `/`.
    pub(crate) fn point(&self, point: &str, moment: Moment) -> Result<(), StepFailure> {
        if self.room.settings.faults.strikes(self.kind, point, moment) {
            return Err(StepFailure::new(
                Code::FaultInjected,
                "A test ordered this fault.",
            ));
        }
        Ok(())
    }

    /// Marks the beginning of a part of a step.
    pub(crate) fn part(&self, point: &str) -> Result<(), StepFailure> {
        self.point(point, Moment::Before)
    }
}
