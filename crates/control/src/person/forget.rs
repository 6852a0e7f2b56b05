//! What nobody needs any more: old attempts, ended sessions, keys whose tokens have ended.

use crate::{Control, ControlError};
use jiff::SignedDuration;
use store::Actor;

/// How long a set-up of a second factor waits for its confirmation before it is forgotten.
const SETUP_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long attempts and ended sessions are shown and kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Control {
    /// Forgets what is old.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn forget_old(&self) -> Result<(), ControlError> {
        let then = self.world.now() - KEPT;
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        unit.forget_attempts(then).await?;
        unit.forget_sessions(then).await?;
        unit.forget_challenges(self.world.now()).await?;
        unit.forget_setups(self.world.now() - SETUP_KEPT).await?;
        unit.forget_flows(self.world.now()).await?;
        unit.forget_signing_keys(self.keys_kept_since()).await?;
        Ok(unit.commit().await?)
    }
}
