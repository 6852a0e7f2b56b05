//! Recovery codes: ten that each stand in for a second factor once, kept as hashes.

use crate::sealing::token_hash;
use crate::{Caller, Client, ConflictReason, Control, ControlError};
use domain::PersonId;
use serde_json::json;
use store::{RecoveryStanding, Unit};
use wire::Plaintext;
use wire::factor::{CodeAgain, RecoveryCodes};

/// How many there are.
const COUNT: usize = 10;
/// Digits of one: 80 random bits.
pub(super) const LENGTH: usize = 20;

/// What is kept of a code. It is of too many bits to be found by trying, so that no slow hash is needed.
pub(super) fn hash(person: PersonId, code: &str) -> Vec<u8> {
    token_hash(&format!("recovery:{person}:{code}"))
}

/// A code for the eye: four groups of five.
fn grouped(code: &str) -> String {
    let groups: Vec<&str> = (0..LENGTH)
        .step_by(5)
        .filter_map(|at| code.get(at..at + 5))
        .collect();
    groups.join("-")
}

impl Control {
    /// Makes ten codes and writes their hashes down, within a unit that the caller commits.
    pub(super) async fn make_recovery_codes(
        &self,
        unit: &mut Unit,
        person: PersonId,
        standing: RecoveryStanding,
    ) -> Result<Vec<Plaintext>, ControlError> {
        let codes: Vec<String> = (0..COUNT)
            .map(|_| hex::encode(self.world.bytes::<10>()))
            .collect();
        let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash(person, code)).collect();
        unit.insert_recovery_codes(person, &hashes, standing, self.world.now())
            .await?;
        Ok(codes.iter().map(|code| Plaintext::new(grouped(code))).collect())
    }

    /// Makes other recovery codes; the earlier ones are void. It takes a code, or a proof that is not long ago.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for a wrong code; [`ControlError::StepUpRequired`] without one;
    /// [`ConflictReason::FactorMissing`] when there is no second factor to stand in for.
    pub async fn renew_recovery_codes(
        &self,
        caller: &Caller,
        client: &Client,
        request: &CodeAgain,
    ) -> Result<RecoveryCodes, ControlError> {
        let (mut unit, person) = self.unit_of_proof(caller, client, request).await?;
        if !unit.factors(person).await?.any() {
            return Err(ControlError::Conflict(ConflictReason::FactorMissing));
        }
        let backup_codes = self
            .make_recovery_codes(&mut unit, person, RecoveryStanding::Active)
            .await?;
        let detail = json!({ "codes": backup_codes.len() });
        self.note(&mut unit, caller, "factor.recovery", &person.to_string(), detail)
            .await?;
        unit.commit().await?;
        Ok(RecoveryCodes {
            message: String::new(),
            backup_codes,
        })
    }

    /// A unit in which the caller's own factors may be changed: begun by a code, or with a proof that is not long ago.
    pub(super) async fn unit_of_proof(
        &self,
        caller: &Caller,
        client: &Client,
        request: &CodeAgain,
    ) -> Result<(Unit, PersonId), ControlError> {
        let own = match request.code {
            Some(_) => self.whole_account(caller).await?,
            None => self.own_factors(caller).await?,
        };
        let unit = match &request.code {
            Some(code) => self.take_code(caller, client, code).await?.0,
            None => {
                let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
                unit.lock_person(own.person).await?;
                unit
            }
        };
        Ok((unit, own.person))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::code::Code;
    use uuid::Uuid;

    #[test]
    fn a_code_is_read_as_it_is_shown() {
        let shown = grouped("0123456789abcdef0123");
        assert_eq!(shown, "01234-56789-abcde-f0123");
        assert!(matches!(Code::of(&shown), Code::Recovery(text) if text.expose() == "0123456789abcdef0123"));
    }

    #[test]
    fn one_person_s_code_is_not_another_s() {
        let [ana, luis] = [1, 2].map(|id| PersonId::from_uuid(Uuid::from_u128(id)));
        assert_ne!(
            hash(ana, "0123456789abcdef0123"),
            hash(luis, "0123456789abcdef0123")
        );
    }
}
