//! Proving anew who one is, in a session that is old, before something that does great harm.

use super::CHALLENGE_LIFE;
use crate::person::sign_in::Credentials;
use crate::sealing::token_hash;
use crate::{Caller, Client, ConflictReason, Control, ControlError};
use domain::{Method, Rule, SignedIn};
use serde_json::{Value, json};
use store::{ChallengePurpose, Unit};
use wire::Plaintext;
use wire::factor::{PasskeyCeremony, StepUp, SteppedUp};

impl Control {
    /// What one of the caller's passkeys is to sign, to prove anew who they are.
    ///
    /// # Errors
    /// [`ConflictReason::FactorMissing`] when there is no passkey; [`ControlError::Forbidden`] for keys.
    pub async fn begin_step_up(&self, caller: &Caller) -> Result<PasskeyCeremony, ControlError> {
        let own = caller.own_account()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let passkeys = scoped.passkeys(own.person).await?;
        if passkeys.is_empty() {
            return Err(ControlError::Conflict(ConflictReason::FactorMissing));
        }
        let (options, state) = self.ask_passkeys(&passkeys)?;
        let purpose = ChallengePurpose::StepUp(own.person, own.session);
        let challenge = self.write_challenge(caller, purpose, &state).await?;
        Ok(PasskeyCeremony {
            challenge,
            options,
            expires_in: CHALLENGE_LIFE.as_secs(),
        })
    }

    /// Proves anew who the caller is: with a second factor where they have one, else with the password.
    ///
    /// # Errors
    /// [`ControlError::StepUpRequired`] with the ways that there are, for one that is none of them;
    /// [`ControlError::Invalid`] for what is wrong; [`ControlError::Limited`]; [`ControlError::Forbidden`] for keys.
    pub async fn step_up(
        &self,
        caller: &Caller,
        client: &Client,
        request: &StepUp,
    ) -> Result<SteppedUp, ControlError> {
        match (&request.password, &request.code, &request.credential) {
            (Some(password), None, None) => self.step_up_by_password(caller, client, password).await,
            (None, Some(code), None) => {
                let own = caller.own_account()?;
                let second = |method: &Method| matches!(method, Method::Totp | Method::Recovery);
                if !own.assurance.serving.iter().any(second) {
                    return Err(ControlError::StepUpRequired(own.assurance.serving.clone()));
                }
                let (unit, method) = self.take_code(caller, client, code).await?;
                self.stepped_up(unit, caller, own, method).await
            }
            (None, None, Some(answer)) => {
                let challenge = request.challenge.as_ref();
                let challenge = challenge.ok_or_else(|| ControlError::field("challenge", Rule::Required))?;
                self.step_up_by_passkey(caller, client, (challenge, answer)).await
            }
            (None, None, None) => Err(ControlError::field("code", Rule::Required)),
            _ => Err(ControlError::field("code", Rule::OneWay)),
        }
    }

    async fn step_up_by_password(
        &self,
        caller: &Caller,
        client: &Client,
        password: &Plaintext,
    ) -> Result<SteppedUp, ControlError> {
        let own = serving(caller, Method::Password)?;
        let password = Credentials::password("password", Some(password))?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let person = scoped
            .person(own.person)
            .await?
            .ok_or(ControlError::Unauthenticated)?;
        let attempt = self.begin_attempt(client, person.email.as_str()).await?;
        scoped.attempt_was_on(attempt.id, Some(person.id)).await?;
        let wrong = || ControlError::field("password", Rule::WrongPassword);
        if !self
            .passwords
            .fits(password, person.password_hash.clone())
            .await?
        {
            self.note_factor(client, person.id, "password").await?;
            return Err(wrong());
        }
        let mut unit = scoped.begin().await?;
        let still = unit.lock_person(person.id).await?;
        if still.is_none_or(|still| still.password_hash != person.password_hash) {
            return Err(wrong());
        }
        // A second factor may have been set up in the meantime, and then a password proves too little.
        let factors = unit.factors(person.id).await?;
        if factors.any() {
            return Err(ControlError::StepUpRequired(factors.serving()));
        }
        unit.attempt_succeeded(attempt.id, &attempt.account, &attempt.network)
            .await?;
        self.stepped_up(unit, caller, own, Method::Password).await
    }

    async fn step_up_by_passkey(
        &self,
        caller: &Caller,
        client: &Client,
        (challenge, answer): (&Plaintext, &Value),
    ) -> Result<SteppedUp, ControlError> {
        let own = serving(caller, Method::Passkey)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let purpose = ChallengePurpose::StepUp(own.person, own.session);
        let state = scoped
            .take_challenge(&token_hash(challenge.expose()), purpose, self.world.now())
            .await?
            .ok_or(ControlError::ChallengeOver)?;
        let mut unit = scoped.begin().await?;
        unit.lock_person(own.person).await?;
        match self.use_passkey(&mut unit, own.person, state, answer).await? {
            Ok(method) => self.stepped_up(unit, caller, own, method).await,
            Err(fault) => {
                drop(unit);
                self.note_factor(client, own.person, fault.because()).await?;
                Err(ControlError::field("credential", Rule::WrongAnswer))
            }
        }
    }

    async fn stepped_up(
        &self,
        mut unit: Unit,
        caller: &Caller,
        own: &SignedIn,
        method: Method,
    ) -> Result<SteppedUp, ControlError> {
        let now = self.world.now();
        if !unit.session_proved(own.person, own.session, method, now).await? {
            return Err(ControlError::Unauthenticated);
        }
        let detail = json!({ "method": method });
        self.note(
            &mut unit,
            caller,
            "session.step-up",
            &own.session.to_string(),
            detail,
        )
        .await?;
        unit.commit().await?;
        Ok(SteppedUp {
            message: String::new(),
            method: method.to_string(),
            authenticated_at: now,
        })
    }
}

/// The person who asks, if they can prove it in this way.
fn serving(caller: &Caller, method: Method) -> Result<&SignedIn, ControlError> {
    let own = caller.own_account()?;
    match own.assurance.serving.contains(&method) {
        true => Ok(own),
        false => Err(ControlError::StepUpRequired(own.assurance.serving.clone())),
    }
}
