//! Second factors: codes of an app, recovery codes, passkeys; who must have one, and proving anew who one is.

pub(crate) mod code;
mod demand;
mod passkey;
mod passkey_sign_in;
mod recovery;
mod reset;
pub(crate) mod second_step;
mod standing;
mod step_up;
mod totp;
mod webauthn;

use crate::{Caller, Control, ControlError};
use domain::{Guarded, SignedIn};
use jiff::SignedDuration;
use uuid::Uuid;

/// How long a challenge waits for its answer.
const CHALLENGE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// For what the secret of a set-up of codes is sealed.
pub(crate) fn sealed_for(id: Uuid) -> String {
    format!("totp:{}", id.simple())
}

impl Control {
    /// Whoever may change their own second factors: in a session of all they are, who proved it not long ago.
    async fn own_factors<'a>(&self, caller: &'a Caller) -> Result<&'a SignedIn, ControlError> {
        let own = self.whole_account(caller).await?;
        caller.check_fresh(Some(Guarded::OwnFactors))?;
        Ok(own)
    }

    /// The same without the proof, for what brings one along. A session that an organization's provider opened is that
    /// organization and nothing else: it must not change how its person gets into everything.
    async fn whole_account<'a>(&self, caller: &'a Caller) -> Result<&'a SignedIn, ControlError> {
        let own = caller.own_account()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        match scoped.session_confined_to(own.session).await? {
            Some(_) => Err(ControlError::Forbidden),
            None => Ok(own),
        }
    }
}
