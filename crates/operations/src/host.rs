//! What the engine needs of the control plane: its database, its clock, its randomness, and what an end means.

use crate::saga::StepError;
use domain::OperationId;
use jiff::Timestamp;
use serde_json::Value;
use std::future::Future;
use store::{Signals, Store, Unit};
use uuid::Uuid;
use wire::operation::Failure;

/// Who has work done.
pub trait Host: Clone + Send + Sync + 'static {
    /// The control database.
    fn store(&self) -> &Store;

    /// Who wakes whom.
    fn signals(&self) -> &Signals;

    /// The time.
    fn now(&self) -> Timestamp;

    /// A new identity.
    fn uuid(&self) -> Uuid;

    /// A random number, for delays that do not fall together.
    fn random(&self) -> u64;

    /// Makes true what the end of a saga means, in the transaction that ends it. The steps have changed what they are for;
    /// this ends the operation, and tells whoever waits.
    fn saga_ended(
        &self,
        unit: &mut Unit,
        end: &SagaEnd<'_>,
    ) -> impl Future<Output = Result<(), StepError>> + Send;
}

/// How a saga ended.
#[derive(Clone, Copy, Debug)]
pub struct SagaEnd<'a> {
    /// The operation that it did, if it has one.
    pub operation: Option<OperationId>,
    /// What it was begun with.
    pub arguments: &'a Value,
    /// Why it failed; everything was undone then.
    pub failure: Option<&'a Failure>,
    /// What its last step gave.
    pub output: &'a Value,
}
