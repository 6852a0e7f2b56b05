//! What the engine sees of the control plane.

use crate::Control;
use jiff::Timestamp;
use operations::{Host, SagaEnd, StepError};
use store::{Signals, Store, Unit};
use uuid::Uuid;

impl Host for Control {
    fn store(&self) -> &Store {
        &self.store
    }

    fn signals(&self) -> &Signals {
        &self.signals
    }

    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn uuid(&self) -> Uuid {
        self.world.uuid()
    }

    fn random(&self) -> u64 {
        u64::from_le_bytes(self.world.bytes())
    }

    async fn saga_ended(&self, unit: &mut Unit, end: &SagaEnd<'_>) -> Result<(), StepError> {
        Ok(self.end_of_saga(unit, end).await?)
    }
}
