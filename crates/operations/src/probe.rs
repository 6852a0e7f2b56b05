//! Faults on order, at every moment of every step, so that a test can walk all of them.

use crate::job::Boxed;

/// A moment of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// It is written down that it begins; nothing was done.
    Before,
    /// It was done; nothing is stored, and its transaction is not committed.
    Within,
    /// Its output is stored.
    After,
    /// It is written down that it is undone; nothing was.
    BeforeUndo,
    /// It was undone; nothing is stored.
    WithinUndo,
}

/// Where a saga is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    /// The saga's kind.
    pub kind: &'static str,
    /// The step.
    pub step: &'static str,
    /// The moment.
    pub moment: Moment,
}

/// What is to go wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The step fails for good.
    Fail,
    /// The step fails, and may be tried again.
    Retry,
    /// What the step gave is forgotten, and it is applied again.
    Repeat,
}

/// Decides what goes wrong. One that never returns is a worker that stands still.
pub trait Probe: Send + Sync {
    /// What is to go wrong here.
    fn at(&self, point: Point) -> Boxed<'_, Fault>;
}

/// Nothing goes wrong on order.
#[derive(Clone, Copy, Debug)]
pub struct NoFaults;

impl Probe for NoFaults {
    fn at(&self, _point: Point) -> Boxed<'_, Fault> {
        Box::pin(std::future::ready(Fault::None))
    }
}
