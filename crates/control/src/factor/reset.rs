//! Taking all second factors of somebody away who lost them.

use crate::person::list::PersonRef;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, PersonId};
use serde_json::json;
use store::{EndReason, Unit};

impl Control {
    /// Takes every second factor of a person away: they sign in with their password again, and all their sessions end.
    /// Only owners may; whoever asks has made sure that it is them.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Forbidden`]; [`ControlError::StepUpRequired`];
    /// [`ConflictReason::FactorMissing`] when there is none.
    pub async fn reset_factors(&self, caller: &Caller, who: &PersonRef) -> Result<(), ControlError> {
        caller.require(Action::ResetFactors)?;
        let person = self.person_below(caller, who).await?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.lock_person(person.id)
            .await?
            .ok_or(ControlError::NotFound("person"))?;
        unit.end_sessions(person.id, None, EndReason::Factor, now).await?;
        if !self.remove_factors(&mut unit, caller, person.id).await? {
            return Err(ControlError::Conflict(ConflictReason::FactorMissing));
        }
        Ok(unit.commit().await?)
    }

    /// Takes every second factor of a person away, within a unit that the caller commits; whether there was any.
    pub(crate) async fn remove_factors(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        person: PersonId,
    ) -> Result<bool, ControlError> {
        let totp = unit.remove_totp(person).await?;
        let passkeys = unit.remove_passkeys(person).await?;
        unit.remove_recovery_codes(person).await?;
        unit.void_challenges(person).await?;
        if !totp && passkeys == 0 {
            return Ok(false);
        }
        let detail = json!({ "totp": totp, "passkeys": passkeys });
        self.note(unit, caller, "factor.reset", &person.to_string(), detail)
            .await?;
        Ok(true)
    }
}
