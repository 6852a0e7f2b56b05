//! What nobody needs any more: old attempts, ended sessions, keys whose tokens have ended.

use crate::{Control, ControlError};
use jiff::SignedDuration;
use std::time::Duration;
use store::Actor;

/// How often.
const ROUND: Duration = Duration::from_secs(3600);
/// How long a set-up of a second factor waits for its confirmation before it is forgotten.
const SETUP_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long attempts and ended sessions are shown and kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Control {
    pub(crate) async fn forget_sign_ins(&self) {
        loop {
            tokio::time::sleep(ROUND).await;
            if let Err(error) = self.forget_old().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "old sign-ins could not be forgotten"
                );
            }
        }
    }

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
        unit.forget_signing_keys(self.keys_kept_since()).await?;
        Ok(unit.commit().await?)
    }
}
