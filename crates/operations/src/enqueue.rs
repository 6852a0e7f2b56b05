//! Putting work into the queue, in the transaction that causes it.

use crate::host::Host;
use domain::{JobId, OperationId};
use jiff::Timestamp;
use serde_json::Value;
use store::{NewJob, StoreError, Unit};

/// A piece of work to be done.
#[derive(Clone, Debug)]
pub struct Work {
    /// Its kind, as the registry knows it.
    pub kind: &'static str,
    /// The version of the kind.
    pub version: i32,
    /// What it is about: identities, no data and no secrets.
    pub arguments: Value,
    /// Of those with the same key one is under way at a time.
    pub lock_key: Option<String>,
    /// The operation that it does, which callers follow.
    pub operation: Option<OperationId>,
    /// Lower goes first; 100 where it does not matter.
    pub priority: i16,
    /// Not before this; nothing is at once.
    pub run_at: Option<Timestamp>,
    /// After so many tries a job is left to a person. Sagas count the tries of each step.
    pub most_tries: i32,
}

impl Work {
    /// Work of this kind and version, at once, without a key.
    pub fn new(kind: &'static str, version: i32, arguments: Value) -> Self {
        Self {
            kind,
            version,
            arguments,
            lock_key: None,
            operation: None,
            priority: 100,
            run_at: None,
            most_tries: 10,
        }
    }

    /// The same, under way for one at a time.
    pub fn one_at_a_time(mut self, key: impl Into<String>) -> Self {
        self.lock_key = Some(key.into());
        self
    }

    /// The same, as what does this operation.
    pub fn for_operation(mut self, operation: OperationId) -> Self {
        self.operation = Some(operation);
        self
    }
}

/// Enqueues work. It is done when, and only when, the unit is committed.
///
/// # Errors
/// As for any statement.
pub async fn enqueue<H: Host>(host: &H, unit: &mut Unit, work: Work) -> Result<JobId, StoreError> {
    let id = JobId::from_uuid(host.uuid());
    let now = host.now();
    unit.insert_job(NewJob {
        id,
        kind: work.kind,
        version: work.version,
        arguments: work.arguments,
        priority: work.priority,
        run_at: work.run_at.unwrap_or(now),
        most_tries: work.most_tries,
        lock_key: work.lock_key,
        operation: work.operation,
        schedule: None,
        now,
    })
    .await?;
    Ok(id)
}
