//! The second step of a sign-in: after the right password, a code or a passkey.

use super::CHALLENGE_LIFE;
use super::code::{Code, FactorFault};
use crate::person::sign_in::{Attempt, own_side};
use crate::sealing::token_hash;
use crate::{Client, Control, ControlError, Side, SignInDone};
use domain::{FieldErrors, Method, PersonId, Rule};
use serde_json::{Value, json};
use store::{Actor, AuditEntry, ChallengePurpose, NewChallenge, SecondStepRecord, Unit};
use wire::Plaintext;
use wire::factor::SecondStep;

/// The password is right, and this is wanted besides.
#[derive(Debug)]
pub struct SecondStepAsked {
    /// As what they sign in.
    pub side: Side,
    /// The token under which the answer comes.
    pub challenge: Plaintext,
    /// With what it can be answered.
    pub methods: Vec<Method>,
    /// In how many seconds it ends.
    pub expires_in: i64,
    /// What a passkey is to sign, where there is one.
    pub passkey: Option<Value>,
}

/// What was shown.
enum Shown<'a> {
    Code(Code),
    /// What a passkey signed, with what it was asked for.
    Passkey(&'a Value),
}

impl Control {
    /// Asks for the second step, within a unit that the caller commits.
    pub(crate) async fn ask_second_step(
        &self,
        unit: &mut Unit,
        client: &Client,
        (person, side): (PersonId, Side),
        attempt: &Attempt,
    ) -> Result<SecondStepAsked, ControlError> {
        unit.attempt_challenged(attempt.id).await?;
        let passkeys = unit.passkeys(person).await?;
        // After a move to an address without a name there are passkeys that no browser offers.
        let (passkey, ceremony) = match passkeys.is_empty() || self.webauthn().is_err() {
            true => (None, None),
            false => {
                let (options, state) = self.ask_passkeys(&passkeys)?;
                (Some(options), Some(state))
            }
        };
        let methods = unit.factors(person).await?.serving();
        let token = hex::encode(self.world.bytes::<32>());
        let now = self.world.now();
        unit.insert_challenge(NewChallenge {
            hash: &token_hash(&token),
            purpose: ChallengePurpose::SignIn {
                person,
                attempt: attempt.id,
                staff: side == Side::Staff,
            },
            ceremony: ceremony.as_ref(),
            now,
            expires_at: now + CHALLENGE_LIFE,
        })
        .await?;
        unit.audit(AuditEntry {
            at: now,
            action: "session.challenge",
            subject: &person.to_string(),
            operation: None,
            request_id: client.request_id.as_deref(),
            detail: json!({ "methods": methods, "address": client.network() }),
        })
        .await?;
        Ok(SecondStepAsked {
            side,
            challenge: Plaintext::new(token),
            methods,
            expires_in: CHALLENGE_LIFE.as_secs(),
            passkey,
        })
    }

    /// Answers the second step. Its challenge is good for one sign-in, and gone after five wrong answers.
    ///
    /// # Errors
    /// [`ControlError::ChallengeOver`]; [`ControlError::BadFactor`]; [`ControlError::Limited`];
    /// [`ControlError::Invalid`] for fields that are missing.
    pub async fn answer_second_step(
        &self,
        client: &Client,
        request: &SecondStep,
    ) -> Result<SignInDone, ControlError> {
        let (token, shown) = read(request)?;
        let hash = token_hash(token);
        let scoped = self.store.on_behalf_of(Actor::System);
        let waiting = scoped.second_step(&hash, self.world.now()).await?;
        let waiting = waiting.ok_or(ControlError::ChallengeOver)?;
        let person = scoped.person(waiting.person).await?;
        let person = person
            .filter(|person| person.disabled_at.is_none())
            .ok_or(ControlError::ChallengeOver)?;
        let attempt = self.begin_attempt(client, person.email.as_str()).await?;
        scoped.attempt_was_on(attempt.id, Some(person.id)).await?;
        if let Shown::Code(code) = &shown {
            self.limit_codes(client, &attempt, person.id, code).await?;
        }
        // Taken out before it is looked at: what a passkey signs is good for one answer, right or wrong.
        let ceremony = match &shown {
            Shown::Passkey(_) => {
                let taken = scoped.take_ceremony(&hash, self.world.now()).await?;
                Some(taken.ok_or(ControlError::ChallengeOver)?)
            }
            Shown::Code(_) => None,
        };
        self.check_password_opens(client, person.id).await?;
        self.ready_to_sign().await?;
        let step = Step {
            hash: &hash,
            waiting,
            attempt,
            ceremony,
        };
        self.finish_second_step(client, step, &shown).await
    }

    async fn finish_second_step(
        &self,
        client: &Client,
        step: Step<'_>,
        shown: &Shown<'_>,
    ) -> Result<SignInDone, ControlError> {
        let id = step.waiting.person;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(Actor::Person(id)).begin().await?;
        let person = unit.lock_person(id).await?;
        let person = person.filter(|person| person.disabled_at.is_none());
        let person = person.ok_or(ControlError::ChallengeOver)?;
        let side = own_side(person.staff);
        // Of all who bring one challenge, one finds it; whose role is another now begins anew.
        let same = (side == Side::Staff) == step.waiting.staff;
        if !same || !unit.end_second_step(step.hash, now).await? {
            return Err(ControlError::ChallengeOver);
        }
        let proved = match (shown, step.ceremony) {
            (Shown::Code(code), _) => self.use_code(&mut unit, id, code).await?,
            (Shown::Passkey(answer), Some(state)) => self.use_passkey(&mut unit, id, state, answer).await?,
            (Shown::Passkey(_), None) => Err(FactorFault::Wrong),
        };
        let method = match proved {
            Ok(method) => method,
            Err(fault) => {
                drop(unit);
                let scoped = self.store.on_behalf_of(Actor::System);
                scoped.challenge_failed(step.hash).await?;
                return Err(self.refuse_factor(client, id, fault).await?);
            }
        };
        let methods = [Method::Password, method];
        let done = self
            .admit(&mut unit, client, (&person, side), &methods, &step.attempt)
            .await?;
        unit.commit().await?;
        Ok(done)
    }

    /// Checks what one of somebody's passkeys signed, and counts it, within a unit that the caller commits.
    pub(super) async fn use_passkey(
        &self,
        unit: &mut Unit,
        person: PersonId,
        state: Value,
        answer: &Value,
    ) -> Result<Result<Method, FactorFault>, ControlError> {
        let passkeys = unit.passkeys(person).await?;
        let signed = match self.check_signed(state, answer, &passkeys)? {
            Ok(signed) => signed,
            Err(fault) => return Ok(Err(fault)),
        };
        self.count_passkey(unit, &signed).await
    }

    /// Counts what a passkey signed: of two who bring one signature, one loses.
    pub(super) async fn count_passkey(
        &self,
        unit: &mut Unit,
        signed: &super::webauthn::Signed,
    ) -> Result<Result<Method, FactorFault>, ControlError> {
        let now = self.world.now();
        let counted = unit
            .use_passkey(signed.passkey, &signed.credential, signed.counter, now)
            .await?;
        match counted {
            true => Ok(Ok(Method::Passkey)),
            false => Ok(Err(FactorFault::Counter)),
        }
    }
}

/// An answer to a second step on its way.
struct Step<'a> {
    hash: &'a [u8],
    waiting: SecondStepRecord,
    attempt: Attempt,
    ceremony: Option<Value>,
}

fn read(request: &SecondStep) -> Result<(&str, Shown<'_>), ControlError> {
    let mut errors = FieldErrors::default();
    let token = errors.keep("challenge", request.challenge.as_ref().ok_or(Rule::Required));
    let shown = match (&request.totp_code, &request.credential) {
        (Some(code), None) => Some(Shown::Code(Code::of(code.expose()))),
        (None, Some(answer)) => Some(Shown::Passkey(answer)),
        (None, None) => {
            errors.push("totp_code", Rule::Required);
            None
        }
        (Some(_), Some(_)) => {
            errors.push("credential", Rule::OneWay);
            None
        }
    };
    match (token, shown) {
        (Some(token), Some(shown)) => Ok((token.expose(), shown)),
        _ => Err(ControlError::fields(errors)),
    }
}
