//! Recognizing an API key.

use crate::sealing::token_hash;
use crate::{Control, ControlError};
use domain::Principal;

/// What every API key begins with.
pub(crate) const PREFIX: &str = "tnt_";

impl Control {
    /// Who shows this key. Keys are 256 random bits, so a look-up by hash tells nothing by its timing.
    ///
    /// # Errors
    /// [`ControlError::Unauthenticated`] when the key is not in force; [`ControlError::Unavailable`] when
    /// that cannot be known.
    pub async fn authenticate_key(&self, key: &str) -> Result<Principal, ControlError> {
        if !key.starts_with(PREFIX) || key.len() > 200 {
            return Err(ControlError::Unauthenticated);
        }
        let record = self
            .store
            .authenticate_key(&token_hash(key), self.world.now())
            .await?;
        record
            .map(|record| Principal::Key(record.holder))
            .ok_or(ControlError::Unauthenticated)
    }
}
