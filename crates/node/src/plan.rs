//! What every order is made of: a linear list of named steps, each with a do and an undo that may be repeated.

use crate::error::{Code, StepFailure};
use crate::room::Room;
use crate::run::Run;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use wire::node::Facts;

/// One step of an order.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its name, as the server and people see it.
    pub name: &'static str,
    /// Its parts, if it has several effects; faults can strike between them.
    pub parts: &'static [&'static str],
}

impl Step {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, parts: &[] }
    }

    pub(crate) const fn parted(name: &'static str, parts: &'static [&'static str]) -> Self {
        Self { name, parts }
    }
}

/// An order that has been looked at and found possible.
pub(crate) trait Plan: Send + Sync + Sized {
    /// The order's kind on the wire.
    const KIND: &'static str;
    /// Its steps in order.
    const STEPS: &'static [Step];
    /// What undoing needs to know; goes into the journal, so it holds no secret.
    type Intent: Serialize + DeserializeOwned + Send + Sync;

    fn intent(&self) -> &Self::Intent;

    /// Does one step. Doing it again changes nothing.
    fn apply(
        &self,
        step: &'static str,
        run: &Run<'_>,
    ) -> impl Future<Output = Result<(), StepFailure>> + Send;

    /// Undoes one step that may have been done wholly, partly or not at all. Undoing it again changes nothing.
    fn undo(
        intent: &Self::Intent,
        step: &str,
        room: &Room,
    ) -> impl Future<Output = Result<(), StepFailure>> + Send;

    /// What was learned on the way.
    fn facts(&self) -> Facts {
        Facts::default()
    }

    /// Begins what may be late and may fail, once the order is done.
    fn afterwards(&self, _room: &Arc<Room>) {}
}

/// A step that the list has and the code has not; a test walks all of them.
pub(crate) fn unknown_step(step: &str) -> StepFailure {
    StepFailure::new(
        Code::Internal,
        format!("There is no step {step}. This is an error in the program."),
    )
}
