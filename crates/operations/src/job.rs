//! A job: one effect that may be late, done at least once.

use crate::host::Host;
use crate::saga::StepError;
use domain::{JobId, OperationId};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use store::{Actor, Fence, Unit};

/// A boxed future, because a registry holds many kinds.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One effect that may be late. It may be done twice, so it must be idempotent.
pub trait Job<H: Host>: Send + Sync + 'static {
    /// Does it; gives what a person may want to know of it.
    ///
    /// # Errors
    /// [`StepError::Retry`] is tried again after a while, until its tries are used up; [`StepError::Failed`] is left to a
    /// person at once.
    fn run(&self, task: &Task<H>) -> impl Future<Output = Result<Value, StepError>> + Send;
}

/// A job in the hands of a worker.
#[derive(Debug)]
pub struct Task<H> {
    /// The control plane.
    pub host: H,
    /// The hold on the job.
    pub fence: Fence,
    /// Which try this is, from 1.
    pub tries: i32,
    /// The operation that it does, if any.
    pub operation: Option<OperationId>,
    pub(crate) arguments: Value,
}

impl<H: Host> Task<H> {
    /// The job.
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

    /// A transaction that only the worker that has the job can begin.
    ///
    /// # Errors
    /// [`StepError::Lost`] when another one has it by now.
    pub async fn begin(&self) -> Result<Unit, StepError> {
        held(&self.host, self.fence).await
    }
}

pub(crate) fn read_arguments<T: DeserializeOwned>(arguments: &Value) -> Result<T, StepError> {
    serde_json::from_value(arguments.clone()).map_err(|error| {
        StepError::failed(
            "arguments-unreadable",
            format!("What it is about cannot be read: {error}"),
        )
    })
}

/// A transaction that holds the job's row, so that nobody takes it over meanwhile.
pub(crate) async fn held<H: Host>(host: &H, fence: Fence) -> Result<Unit, StepError> {
    let mut unit = host.store().on_behalf_of(Actor::System).begin().await?;
    unit.hold_job(fence).await.map_err(StepError::of_own_writing)?;
    Ok(unit)
}

pub(crate) trait AnyJob<H: Host>: Send + Sync {
    fn run<'a>(&'a self, task: &'a Task<H>) -> Boxed<'a, Result<Value, StepError>>;
}

impl<H: Host, J: Job<H>> AnyJob<H> for J {
    fn run<'a>(&'a self, task: &'a Task<H>) -> Boxed<'a, Result<Value, StepError>> {
        Box::pin(Job::run(self, task))
    }
}
