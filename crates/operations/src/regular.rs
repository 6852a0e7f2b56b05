//! What is done regularly by itself: reconcilers, which keep something true, and other work by the clock.

use crate::host::Host;
use crate::job::{Boxed, Job, Task};
use crate::rhythm::Rhythm;
use crate::saga::StepError;
use serde_json::Value;
use std::future::Future;

/// What people are told of something regular, and when it is done.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its name, such as `tombstones`.
    pub name: &'static str,
    /// The kind of its jobs, such as `regular.tombstones`.
    pub kind: &'static str,
    /// What it keeps true, in English and in Spanish.
    pub keeps: [&'static str; 2],
    /// When it is done.
    pub rhythm: Rhythm,
    /// The zone in which a cron pattern is read.
    pub time_zone: &'static str,
    /// Whether it compares what is wanted with what is there.
    pub is_reconciler: bool,
}

/// Something that is done regularly. It takes no input: it looks at what is wanted and at what is there.
pub trait Regular<H: Host>: Send + Sync + 'static {
    /// Does it once; gives what it found, as an object of figures and words.
    ///
    /// # Errors
    /// Any: it is noted, and the next time is the next time.
    fn run(&self, host: &H) -> impl Future<Output = Result<Value, StepError>> + Send;
}

pub(crate) trait AnyRegular<H: Host>: Send + Sync {
    fn run<'a>(&'a self, host: &'a H) -> Boxed<'a, Result<Value, StepError>>;
}

impl<H: Host, R: Regular<H>> AnyRegular<H> for R {
    fn run<'a>(&'a self, host: &'a H) -> Boxed<'a, Result<Value, StepError>> {
        Box::pin(Regular::run(self, host))
    }
}

/// A regular piece of work as a job.
pub(crate) struct Once<H: Host>(pub(crate) Box<dyn AnyRegular<H>>);

impl<H: Host> Job<H> for Once<H> {
    async fn run(&self, task: &Task<H>) -> Result<Value, StepError> {
        self.0.run(&task.host).await
    }
}
