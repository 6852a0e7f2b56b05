//! The control plane's own durable work: jobs, sagas, and what is done regularly. It knows nothing of tenants or HTTP.
//!
//! **How a saga is written.** A saga is a list of steps with a kind and a version, built once and put into the
//! [`Registry`]: `Saga::new("tenant.move", 1).step("copy", Copy).step("switch", Switch)`. A step is a type with
//! `async fn apply` and `async fn undo` ([`Step`]). Both get a [`Run`]: `run.host` (the control plane), `run.arguments()`
//! (ids only, decided when the saga was enqueued), `run.output("copy")` (what an earlier step gave, stored before this one
//! began) and `run.begin()` (a transaction that only the present worker can commit). A step says how it went with a [`Turn`]:
//!
//! - `Turn::Done(output)`: done; the engine stores the output. Killed in between, the step is applied again, so it must be
//!   idempotent.
//! - `Turn::Within(unit, output)`: done in this transaction, which the engine commits together with the output: exactly once.
//! - `Turn::Ordered(unit)`: this transaction holds a node command (`run.orders(&mut unit, command)` made it the step's).
//!   The saga waits without a worker; when the node has answered, [`Step::answered`] gets its facts, and its failure
//!   turns the saga round. What the node failed to do, it has undone itself.
//!   A step may order several nodes at once: it is done when all are, and failed with the first that fails.
//! - `Turn::Later(time, words)`: look again then; nobody is kept waiting meanwhile.
//!
//! `Err(StepError::Retry(words))` is tried again after a while, a bounded number of times; `Err(StepError::Failed(failure))`
//! turns the saga round at once. Then every step that was *begun* is undone, the last first, for as long as it takes; a
//! step that never ended has no output (`run.own_output()`), and its undo must cope with an effect that may not be there. An
//! effect that cannot be undone comes last, after a check. When all is done or undone, [`Host::saga_ended`] makes it
//! so for the operation, in the same transaction.
//!
//! A saga is enqueued in the transaction that causes it: [`enqueue`] with a [`Work`] whose `operation` is the row that callers
//! follow, and whose `lock_key` keeps another one of the same tenant waiting. When its list of steps changes, it gets the
//! next version, and the old list stays in the registry until no saga of it is under way.

mod backoff;
mod engine;
mod enqueue;
mod host;
mod job;
mod probe;
mod registry;
mod regular;
mod rhythm;
mod saga;
mod saga_back;
mod saga_forward;
mod saga_run;
mod shown;

pub use backoff::{Backoff, delay};
pub use engine::{Engine, Pace};
pub use enqueue::{Work, enqueue};
pub use host::{Host, SagaEnd};
pub use job::{Job, Task};
pub use probe::{Fault, Moment, NoFaults, Point, Probe};
pub use registry::Registry;
pub use regular::{Description, Regular};
pub use rhythm::{Rhythm, RhythmError};
pub use saga::{Run, Saga, Step, StepError, Turn};
pub use shown::shown_steps;
