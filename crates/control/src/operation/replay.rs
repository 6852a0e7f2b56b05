//! A repeated request is the same request: found by its `Idempotency-Key`, checked by its fingerprint.

use crate::{Caller, ConflictReason, Control, ControlError};
use domain::OperationId;
use serde::Serialize;

impl Control {
    /// A fingerprint of what is asked for, for the same request to be recognized.
    pub(crate) fn fingerprint(
        &self,
        verb: &str,
        subject: &str,
        request: &impl Serialize,
    ) -> Result<Vec<u8>, ControlError> {
        let body = serde_json::to_vec(&(verb, subject, request)).map_err(ControlError::internal)?;
        Ok(self.server_key.fingerprint(&body))
    }

    /// The operation that this very request began before, if it did.
    ///
    /// # Errors
    /// [`ConflictReason::IdempotencyKeyReused`] when the key came with another request.
    pub(crate) async fn replay(
        &self,
        caller: &Caller,
        fingerprint: &[u8],
    ) -> Result<Option<OperationId>, ControlError> {
        let Some(key) = &caller.idempotency_key else {
            return Ok(None);
        };
        let scoped = self.store.on_behalf_of(caller.actor());
        match scoped
            .operation_by_idempotency_key(&caller.actor().to_string(), key.as_str())
            .await?
        {
            None => Ok(None),
            Some(known) if known.request_hash.as_deref() == Some(fingerprint) => Ok(Some(known.id)),
            Some(_) => Err(ControlError::Conflict(ConflictReason::IdempotencyKeyReused)),
        }
    }

    /// Ends an attempt to begin an operation: when a twin of this request was faster, its operation counts.
    pub(crate) async fn begun(
        &self,
        caller: &Caller,
        fingerprint: &[u8],
        attempt: Result<OperationId, ControlError>,
    ) -> Result<OperationId, ControlError> {
        match attempt {
            Err(error @ ControlError::Conflict(_)) => match self.replay(caller, fingerprint).await? {
                Some(twin) => Ok(twin),
                None => Err(error),
            },
            other => other,
        }
    }
}
