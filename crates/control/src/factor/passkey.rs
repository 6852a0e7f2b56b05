//! One's own passkeys: added, looked at, taken away.

use super::CHALLENGE_LIFE;
use super::webauthn::{read, written};
use crate::sealing::token_hash;
use crate::{Caller, Client, ConflictReason, Control, ControlError};
use domain::{FieldErrors, Method, PasskeyId, PersonName, Rule, SignedIn};
use serde_json::{Value, json};
use store::{ChallengePurpose, NewChallenge, NewPasskey, PasskeyRecord, RecoveryStanding};
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential};
use wire::Plaintext;
use wire::factor::{AddPasskey, Passkey, PasskeyAdded, PasskeyCeremony, PasskeyList};

/// How many somebody may have.
const MOST: usize = 20;

impl Control {
    /// The caller's passkeys.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub async fn passkeys(&self, caller: &Caller) -> Result<PasskeyList, ControlError> {
        let own = caller.own_account()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let passkeys = scoped.passkeys(own.person).await?;
        Ok(PasskeyList {
            items: passkeys.into_iter().map(view).collect(),
        })
    }

    /// Begins to add a passkey: what the browser is to make one with.
    ///
    /// # Errors
    /// [`ConflictReason::PasskeysUnavailable`], [`ConflictReason::TooManyPasskeys`]; [`ControlError::StepUpRequired`];
    /// [`ControlError::Forbidden`] for keys, and in a session that an organization's provider opened.
    pub async fn begin_passkey(&self, caller: &Caller) -> Result<PasskeyCeremony, ControlError> {
        let own = self.own_factors(caller).await?;
        let webauthn = self.webauthn()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let person = scoped.person(own.person).await?;
        let person = person.ok_or(ControlError::Unauthenticated)?;
        let passkeys = scoped.passkeys(own.person).await?;
        if passkeys.len() >= MOST {
            return Err(ControlError::Conflict(ConflictReason::TooManyPasskeys));
        }
        let known = passkeys.iter().map(|known| Ok(read(known)?.cred_id().clone()));
        let known: Vec<_> = known.collect::<Result<_, ControlError>>()?;
        let (options, state) = webauthn
            .start_passkey_registration(
                own.person.uuid(),
                person.email.as_str(),
                &person.name,
                Some(known),
            )
            .map_err(ControlError::internal)?;
        let mut options = written(&options.public_key)?;
        // One that can say itself whose it is also signs in without a password; one that cannot is good, too.
        if let Some(selection) = options.get_mut("authenticatorSelection") {
            selection["residentKey"] = json!("preferred");
        }
        let purpose = ChallengePurpose::Register(own.person, own.session);
        let challenge = self.write_challenge(caller, purpose, &written(&state)?).await?;
        Ok(PasskeyCeremony {
            challenge,
            options,
            expires_in: CHALLENGE_LIFE.as_secs(),
        })
    }

    /// Adds the passkey that the browser made. The first second factor brings recovery codes along.
    ///
    /// # Errors
    /// [`ControlError::ChallengeOver`]; [`ControlError::Invalid`]; [`ConflictReason::PasskeyKnown`].
    pub async fn add_passkey(
        &self,
        caller: &Caller,
        client: &Client,
        request: &AddPasskey,
    ) -> Result<PasskeyAdded, ControlError> {
        let own = self.own_factors(caller).await?;
        let mut errors = FieldErrors::default();
        let challenge = errors.keep("challenge", request.challenge.as_ref().ok_or(Rule::Required));
        let name: Option<PersonName> = errors.required("name", request.name.as_deref());
        let answer = errors.keep("credential", request.credential.as_ref().ok_or(Rule::Required));
        let (Some(challenge), Some(name), Some(answer)) = (challenge, name, answer) else {
            return Err(ControlError::fields(errors));
        };
        let scoped = self.store.on_behalf_of(caller.actor());
        let purpose = ChallengePurpose::Register(own.person, own.session);
        let state = scoped
            .take_challenge(&token_hash(challenge.expose()), purpose, self.world.now())
            .await?
            .ok_or(ControlError::ChallengeOver)?;
        let Some(made) = self.made(state, answer)? else {
            self.note_factor(client, own.person, "wrong").await?;
            return Err(ControlError::field("credential", Rule::WrongAnswer));
        };
        self.write_passkey(caller, own, &name, &made).await
    }

    /// The passkey that a browser made, if it made it as it was asked to.
    fn made(
        &self,
        state: Value,
        answer: &Value,
    ) -> Result<Option<webauthn_rs::prelude::Passkey>, ControlError> {
        let state: PasskeyRegistration = serde_json::from_value(state).map_err(ControlError::internal)?;
        let Ok(answer) = serde_json::from_value::<RegisterPublicKeyCredential>(answer.clone()) else {
            return Ok(None);
        };
        Ok(self.webauthn()?.finish_passkey_registration(&answer, &state).ok())
    }

    async fn write_passkey(
        &self,
        caller: &Caller,
        own: &SignedIn,
        name: &PersonName,
        made: &webauthn_rs::prelude::Passkey,
    ) -> Result<PasskeyAdded, ControlError> {
        let id = PasskeyId::from_uuid(self.world.uuid());
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.lock_person(own.person).await?;
        let before = unit.factors(own.person).await?;
        if usize::try_from(before.passkeys).is_ok_and(|there| there >= MOST) {
            return Err(ControlError::Conflict(ConflictReason::TooManyPasskeys));
        }
        unit.insert_passkey(NewPasskey {
            id,
            person: own.person,
            credential_id: made.cred_id().as_ref(),
            credential: &written(made)?,
            name,
            now,
        })
        .await?;
        let backup_codes = match before.any() {
            true => Vec::new(),
            false => {
                self.make_recovery_codes(&mut unit, own.person, RecoveryStanding::Active)
                    .await?
            }
        };
        self.added(&mut unit, caller, own, (Method::Passkey, Some(name.as_str())))
            .await?;
        unit.commit().await?;
        Ok(PasskeyAdded {
            passkey: Passkey {
                id: id.to_string(),
                name: name.to_string(),
                created_at: now,
                last_used_at: None,
            },
            backup_codes,
        })
    }

    /// Takes one of the caller's passkeys away.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ConflictReason::FactorWanted`]; [`ControlError::StepUpRequired`].
    pub async fn remove_passkey(&self, caller: &Caller, id: PasskeyId) -> Result<(), ControlError> {
        let own = self.own_factors(caller).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.lock_person(own.person).await?;
        let name = unit.remove_passkey(own.person, id).await?;
        let name = name.ok_or(ControlError::NotFound("passkey"))?;
        self.removed(&mut unit, caller, own, (Method::Passkey, Some(&name)))
            .await?;
        Ok(unit.commit().await?)
    }

    /// Writes down what a passkey is to do, and gives the token under which its answer comes.
    pub(super) async fn write_challenge(
        &self,
        caller: &Caller,
        purpose: ChallengePurpose<'_>,
        ceremony: &Value,
    ) -> Result<Plaintext, ControlError> {
        let token = hex::encode(self.world.bytes::<32>());
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.insert_challenge(NewChallenge {
            hash: &token_hash(&token),
            purpose,
            ceremony: Some(ceremony),
            now,
            expires_at: now + CHALLENGE_LIFE,
        })
        .await?;
        unit.commit().await?;
        Ok(Plaintext::new(token))
    }
}

fn view(record: PasskeyRecord) -> Passkey {
    Passkey {
        id: record.id.to_string(),
        name: record.name,
        created_at: record.created_at,
        last_used_at: record.last_used_at,
    }
}
