//! Looking at operations.

use crate::{Caller, Control, ControlError};
use domain::{OperationId, Rule, access::Intent};
use store::OperationRecord;

impl Control {
    /// One operation.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is none of this identity.
    pub async fn operation(&self, caller: &Caller, id: OperationId) -> Result<OperationRecord, ControlError> {
        caller.require(Intent::Read)?;
        self.store
            .on_behalf_of(caller.actor)
            .operation(id)
            .await?
            .ok_or(ControlError::NotFound("operation"))
    }

    /// The newest operations, of one subject, of the parts of one operation, or all; `limit` is 1 to 200.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for a limit outside these bounds.
    pub async fn operations(
        &self,
        caller: &Caller,
        subject: Option<&str>,
        parent: Option<OperationId>,
        limit: i64,
    ) -> Result<Vec<OperationRecord>, ControlError> {
        caller.require(Intent::Read)?;
        if !(1..=200).contains(&limit) {
            return Err(ControlError::field("limit", Rule::Range { min: 1, max: 200 }));
        }
        Ok(self
            .store
            .on_behalf_of(caller.actor)
            .operations(subject, parent, limit)
            .await?)
    }
}
