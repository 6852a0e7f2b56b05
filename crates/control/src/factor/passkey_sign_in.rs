//! Signing in with a passkey alone: it verifies its holder, and says itself whose it is.

use super::CHALLENGE_LIFE;
use super::code::FactorFault;
use super::webauthn::{answered, written};
use crate::person::sign_in::own_side;
use crate::sealing::token_hash;
use crate::{Caller, Client, Control, ControlError, SignInDone};
use domain::{FieldErrors, Method, PersonId, Rule};
use serde_json::json;
use store::{Actor, AuditEntry, ChallengePurpose};
use wire::factor::{PasskeyCeremony, PasskeySignIn};

/// How many may wait at a time that were asked for from one address.
const MOST: i64 = 50;

impl Control {
    /// Begins a sign-in with a passkey alone. Nothing is said of who has one.
    ///
    /// # Errors
    /// [`crate::ConflictReason::PasskeysUnavailable`]; [`ControlError::Limited`].
    pub async fn begin_passkey_sign_in(&self, client: &Client) -> Result<PasskeyCeremony, ControlError> {
        let webauthn = self.webauthn()?;
        let network = client.network();
        let scoped = self.store.on_behalf_of(Actor::System);
        if scoped.waiting_from(&network, self.world.now()).await? >= MOST {
            return Err(ControlError::Limited { retry_after: 60 });
        }
        let (options, state) = webauthn
            .start_discoverable_authentication()
            .map_err(ControlError::internal)?;
        let purpose = ChallengePurpose::Passkey(&network);
        let challenge = self
            .write_challenge(&Caller::system(), purpose, &written(&state)?)
            .await?;
        Ok(PasskeyCeremony {
            challenge,
            options: written(&options.public_key)?,
            expires_in: CHALLENGE_LIFE.as_secs(),
        })
    }

    /// Finishes a sign-in with a passkey alone. Whatever is wrong, the answer is the same.
    ///
    /// # Errors
    /// [`ControlError::ChallengeOver`]; [`ControlError::BadFactor`]; [`ControlError::Limited`];
    /// [`ControlError::Invalid`] for fields that are missing.
    pub async fn sign_in_with_passkey(
        &self,
        client: &Client,
        request: &PasskeySignIn,
    ) -> Result<SignInDone, ControlError> {
        let mut errors = FieldErrors::default();
        let token = errors.keep("challenge", request.challenge.as_ref().ok_or(Rule::Required));
        let answer = errors.keep("credential", request.credential.as_ref().ok_or(Rule::Required));
        let (Some(token), Some(answer)) = (token, answer) else {
            return Err(ControlError::fields(errors));
        };
        // Whose it will be is not known yet, so that only the address is counted.
        let attempt = self.begin_attempt(client, token.expose()).await?;
        let network = client.network();
        let scoped = self.store.on_behalf_of(Actor::System);
        let purpose = ChallengePurpose::Passkey(&network);
        let state = scoped
            .take_challenge(&token_hash(token.expose()), purpose, self.world.now())
            .await?
            .ok_or(ControlError::ChallengeOver)?;
        let Some(answer) = answered(answer) else {
            return self.unknown_passkey(client).await;
        };
        let named = answer.get_user_unique_id();
        let named = named.and_then(|name| uuid::Uuid::from_slice(name).ok());
        let Some(named) = named.map(PersonId::from_uuid) else {
            return self.unknown_passkey(client).await;
        };
        let person = scoped.person(named).await?;
        let Some(person) = person.filter(|person| person.disabled_at.is_none()) else {
            return self.unknown_passkey(client).await;
        };
        scoped.attempt_was_on(attempt.id, Some(person.id)).await?;
        let passkeys = scoped.passkeys(person.id).await?;
        let signed = match self.check_discovered(state, &answer, &passkeys)? {
            Ok(signed) => signed,
            Err(fault) => return Err(self.refuse_factor(client, person.id, fault).await?),
        };
        self.check_password_opens(client, person.id).await?;
        self.ready_to_sign().await?;
        let mut unit = self.store.on_behalf_of(Actor::Person(person.id)).begin().await?;
        let still = unit.lock_person(person.id).await?;
        let still = still.filter(|person| person.disabled_at.is_none());
        let counted = match &still {
            Some(_) => self.count_passkey(&mut unit, &signed).await?,
            None => Err(FactorFault::Wrong),
        };
        let (Some(person), Ok(method)) = (still, counted) else {
            drop(unit);
            let fault = counted.err().unwrap_or(FactorFault::Wrong);
            return Err(self.refuse_factor(client, named, fault).await?);
        };
        let side = own_side(person.staff);
        let methods: [Method; 1] = [method];
        let done = self
            .admit(&mut unit, client, (&person, side), &methods, &attempt)
            .await?;
        unit.commit().await?;
        Ok(done)
    }

    /// Refuses a passkey that is nobody's, as one that is somebody's.
    async fn unknown_passkey(&self, client: &Client) -> Result<SignInDone, ControlError> {
        let network = client.network();
        let scoped = self.store.on_behalf_of(Actor::Nobody);
        scoped
            .audit_refusal(AuditEntry {
                at: self.world.now(),
                action: "session.refused",
                subject: &network,
                operation: None,
                request_id: client.request_id.as_deref(),
                detail: json!({ "because": "passkey", "address": network }),
            })
            .await?;
        Err(ControlError::BadFactor)
    }
}
