//! Looking at operations.

use crate::{Caller, Control, ControlError};
use domain::{Action, OperationId, Rule};
use store::OperationRecord;

impl Control {
    /// One operation.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when there is none of this identity.
    pub async fn operation(&self, caller: &Caller, id: OperationId) -> Result<OperationRecord, ControlError> {
        let reach = caller.reach(Action::ReadOperations)?;
        self.store
            .on_behalf_of(caller.actor())
            .operation(&reach, id)
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
        let reach = caller.reach(Action::ReadOperations)?;
        if !(1..=200).contains(&limit) {
            return Err(ControlError::field("limit", Rule::Range { min: 1, max: 200 }));
        }
        Ok(self
            .store
            .on_behalf_of(caller.actor())
            .operations(&reach, subject, parent, limit)
            .await?)
    }
}
