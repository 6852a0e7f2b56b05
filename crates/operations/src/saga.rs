//! A saga: a list of steps that are all done, or all undone.

use crate::host::Host;
use crate::job::{Boxed, held, read_arguments};
use domain::{CommandId, JobId, OperationId};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::future::Future;
use store::{Fence, StepAnswer, StoreError, Unit};
use thiserror::Error;
use wire::node::Facts;
use wire::operation::Failure;

/// How a step went.
pub enum Turn {
    /// Done, or undone; with what later steps need of it.
    Done(Value),
    /// Done, or undone, in this transaction, which is committed together with the output.
    Within(Unit, Value),
    /// A node is to do it: this transaction holds its command. The saga waits for the outcome.
    Ordered(Unit),
    /// Not yet; to be looked at again after this time, for this reason.
    Later(SignedDuration, String),
}

impl fmt::Debug for Turn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(output) => formatter.debug_tuple("Done").field(output).finish(),
            Self::Within(_, output) => formatter.debug_tuple("Within").field(output).finish(),
            Self::Ordered(_) => formatter.write_str("Ordered"),
            Self::Later(time, words) => formatter.debug_tuple("Later").field(time).field(words).finish(),
        }
    }
}

/// Why a step was not done.
#[derive(Debug, Error)]
pub enum StepError {
    /// Something that may pass; in words for people.
    #[error("{0}")]
    Retry(String),
    /// Something that will not pass by itself.
    #[error("{}", .0.detail)]
    Failed(Failure),
    /// Another worker has the work by now; this one has nothing more to say.
    #[error("another worker has it by now")]
    Lost,
}

impl StepError {
    /// A failure with a stable word and words for people.
    pub fn failed(code: &str, detail: impl Into<String>) -> Self {
        Self::Failed(Failure {
            code: code.to_owned(),
            detail: detail.into(),
        })
    }

    /// What a refused writing of the engine's own means: a row that is stale belongs to another worker.
    pub(crate) fn of_own_writing(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Lost,
            error => Self::from(error),
        }
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "a step met the control database"
        );
        Self::Retry(error.to_string())
    }
}

/// A part of a saga. Both ways may be gone more than once, so both are idempotent.
pub trait Step<H: Host>: Send + Sync + 'static {
    /// Does it.
    ///
    /// # Errors
    /// [`StepError::Retry`] to be tried again, [`StepError::Failed`] to turn round.
    fn apply(&self, run: &Run<H>) -> impl Future<Output = Result<Turn, StepError>> + Send;

    /// Takes what the node learned when it did the command of [`Turn::Ordered`].
    ///
    /// # Errors
    /// As for [`Step::apply`].
    fn answered(&self, _run: &Run<H>, facts: Facts) -> impl Future<Output = Result<Turn, StepError>> + Send {
        let output = serde_json::to_value(facts).unwrap_or_default();
        async move { Ok(Turn::Done(output)) }
    }

    /// Says what it means that a node did not do the command: to turn round, unless the step knows better. What the node
    /// failed to do, it has undone itself.
    fn refused(&self, _run: &Run<H>, failure: Failure) -> StepError {
        StepError::Failed(failure)
    }

    /// Undoes it, whether it had an effect or not.
    ///
    /// # Errors
    /// Any: it is tried again for as long as it takes.
    fn undo(&self, run: &Run<H>) -> impl Future<Output = Result<Turn, StepError>> + Send;
}

/// A saga under way, as its steps see it.
#[derive(Debug)]
pub struct Run<H> {
    /// The control plane.
    pub host: H,
    /// The hold on the saga.
    pub fence: Fence,
    /// The operation that it does, if any.
    pub operation: Option<OperationId>,
    /// Who caused it.
    pub requested_by: String,
    /// Which try of this step this is, from 1.
    pub tries: i32,
    /// Why the saga goes back; nothing while it goes forward.
    pub failure: Option<Failure>,
    pub(crate) position: i16,
    pub(crate) name: &'static str,
    pub(crate) arguments: Value,
    pub(crate) outputs: Vec<(String, Value)>,
}

impl<H: Host> Run<H> {
    /// The saga.
    pub const fn job(&self) -> JobId {
        self.fence.job
    }

    /// What it is about.
    ///
    /// # Errors
    /// [`StepError::Failed`] when this version cannot read it.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        read_arguments(&self.arguments)
    }

    /// What an earlier step gave.
    ///
    /// # Errors
    /// [`StepError::Failed`] when there is no such output, or it is not of this type.
    pub fn output<T: DeserializeOwned>(&self, step: &str) -> Result<T, StepError> {
        let unreadable = || {
            StepError::failed(
                "output-unreadable",
                format!("The output of step {step} cannot be read."),
            )
        };
        let (_, value) = self
            .outputs
            .iter()
            .find(|(name, _)| name == step)
            .ok_or_else(unreadable)?;
        serde_json::from_value(value.clone()).map_err(|_| unreadable())
    }

    /// What this step gave, if it was ever done; for its undo.
    pub fn own_output<T: DeserializeOwned>(&self) -> Option<T> {
        self.output(self.name).ok()
    }

    /// A transaction that holds the saga, so that no other worker takes it over before it is committed.
    ///
    /// # Errors
    /// [`StepError::Lost`] when another one has it by now.
    pub async fn begin(&self) -> Result<Unit, StepError> {
        held(&self.host, self.fence).await
    }

    /// Makes a node command that this unit wrote the business of this step, for [`Turn::Ordered`].
    ///
    /// # Errors
    /// As for any statement.
    pub async fn orders(&self, unit: &mut Unit, command: CommandId) -> Result<(), StepError> {
        let step = StepAnswer {
            job: self.job(),
            position: self.position,
        };
        Ok(unit.assign_command(command, step).await?)
    }
}

pub(crate) trait AnyStep<H: Host>: Send + Sync {
    fn apply<'a>(&'a self, run: &'a Run<H>) -> Boxed<'a, Result<Turn, StepError>>;
    fn answered<'a>(&'a self, run: &'a Run<H>, facts: Facts) -> Boxed<'a, Result<Turn, StepError>>;
    fn refused(&self, run: &Run<H>, failure: Failure) -> StepError;
    fn undo<'a>(&'a self, run: &'a Run<H>) -> Boxed<'a, Result<Turn, StepError>>;
}

impl<H: Host, S: Step<H>> AnyStep<H> for S {
    fn apply<'a>(&'a self, run: &'a Run<H>) -> Boxed<'a, Result<Turn, StepError>> {
        Box::pin(Step::apply(self, run))
    }

    fn answered<'a>(&'a self, run: &'a Run<H>, facts: Facts) -> Boxed<'a, Result<Turn, StepError>> {
        Box::pin(Step::answered(self, run, facts))
    }

    fn refused(&self, run: &Run<H>, failure: Failure) -> StepError {
        Step::refused(self, run, failure)
    }

    fn undo<'a>(&'a self, run: &'a Run<H>) -> Boxed<'a, Result<Turn, StepError>> {
        Box::pin(Step::undo(self, run))
    }
}

/// A list of steps under a kind and a version.
pub struct Saga<H: Host> {
    pub(crate) kind: &'static str,
    pub(crate) version: i32,
    pub(crate) most_tries: i32,
    pub(crate) steps: Vec<(&'static str, Box<dyn AnyStep<H>>)>,
}

impl<H: Host> fmt::Debug for Saga<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Saga({} {}, {:?})",
            self.kind,
            self.version,
            self.step_names()
        )
    }
}

impl<H: Host> Saga<H> {
    /// An empty list.
    pub fn new(kind: &'static str, version: i32) -> Self {
        Self {
            kind,
            version,
            most_tries: 8,
            steps: Vec::new(),
        }
    }

    /// The same with one more step at its end.
    pub fn step(mut self, name: &'static str, step: impl Step<H>) -> Self {
        self.steps.push((name, Box::new(step)));
        self
    }

    /// The same, with as many tries of a step before the saga turns round; 8 without this.
    pub fn tries(mut self, most: i32) -> Self {
        self.most_tries = most;
        self
    }

    /// Its kind.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Its version.
    pub const fn version(&self) -> i32 {
        self.version
    }

    /// The names of its steps, in order.
    pub fn step_names(&self) -> Vec<&'static str> {
        self.steps.iter().map(|(name, _)| *name).collect()
    }
}
