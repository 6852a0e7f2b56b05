//! Taking a browser back from a provider.

use super::refusal::SignOnRefusal;
use super::start::is_token;
use crate::person::sign_in::Proof;
use crate::sealing::token_hash;
use crate::{Client, Control, ControlError, Side, SignInDone};
use domain::{Duty, PersonId, ProviderId, SessionId};
use oidc::Identity;
use serde_json::json;
use store::{Actor, AuditEntry, FlowUse, LinkedBecause, NewIdentity, ProviderRecord};

/// What a provider had the browser bring.
#[derive(Clone, Copy, Debug, Default)]
pub struct Returned<'a> {
    /// The sign-in.
    pub state: Option<&'a str>,
    /// What it is exchanged for.
    pub code: Option<&'a str>,
    /// Why there is none.
    pub error: Option<&'a str>,
    /// What the provider calls itself.
    pub issuer: Option<&'a str>,
}

/// How a sign-in at a provider ended well.
#[derive(Debug)]
pub enum SignOnDone {
    /// Somebody is signed in.
    SignedIn(SignInDone),
    /// Somebody added the provider to their account, and goes on in their session.
    Linked(PersonId),
}

impl Control {
    /// Finishes a sign-in at a provider. Whatever comes of it, its state is used up.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::SignOn`], which is written down.
    pub async fn finish_sign_on(
        &self,
        client: &Client,
        id: ProviderId,
        browser: Option<&str>,
        returned: Returned<'_>,
    ) -> Result<SignOnDone, ControlError> {
        let done = self.take_back(client, id, browser, returned).await;
        self.refused(client, id, done).await
    }

    async fn take_back(
        &self,
        client: &Client,
        id: ProviderId,
        browser: Option<&str>,
        returned: Returned<'_>,
    ) -> Result<SignOnDone, ControlError> {
        let (record, provider) = self.provider_in_use(id).await?;
        let state = returned
            .state
            .filter(|state| is_token(state))
            .ok_or(SignOnRefusal::State)?;
        let session = self.use_flow(id, state, browser).await?;
        let now = self.world.now().as_second();
        if !self
            .providers
            .answers(&provider.issuer, returned.issuer, now)
            .await?
        {
            return Err(SignOnRefusal::Mixed.into());
        }
        let code = match (returned.code, returned.error) {
            (Some(code), None) => code,
            _ => return Err(SignOnRefusal::Denied.into()),
        };
        let tokens = self
            .providers
            .exchange(&provider, code, &self.verifier(state), now)
            .await?;
        let identity = self
            .providers
            .identity(&provider, &tokens, &self.nonce(state), now)
            .await?;
        match session {
            Some(session) => self.link(client, &record, &identity, session).await,
            None => self.let_in(client, &record, &identity).await,
        }
    }

    async fn use_flow(
        &self,
        id: ProviderId,
        state: &str,
        browser: Option<&str>,
    ) -> Result<Option<SessionId>, ControlError> {
        let browser = browser.filter(|text| is_token(text)).unwrap_or_default();
        let scoped = self.store.on_behalf_of(Actor::System);
        let (state, browser) = (token_hash(state), token_hash(browser));
        match scoped.use_flow(&state, id, &browser, self.world.now()).await? {
            FlowUse::Fresh { session } => Ok(session),
            FlowUse::Unknown => Err(SignOnRefusal::State.into()),
            FlowUse::OtherBrowser => Err(SignOnRefusal::Browser.into()),
            FlowUse::Used => Err(SignOnRefusal::Replayed.into()),
        }
    }

    /// Signs somebody in whom the provider vouched for.
    async fn let_in(
        &self,
        client: &Client,
        provider: &ProviderRecord,
        identity: &Identity,
    ) -> Result<SignOnDone, ControlError> {
        self.ready_to_sign().await?;
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        let person = self.person_for(&mut unit, client, provider, identity).await?;
        unit.act_as(Actor::Person(person.id));
        unit.identity_used(provider.id, &identity.subject, self.world.now())
            .await?;
        let proof = Proof::provider(provider.id, identity);
        let tokens = self
            .begin_session_with(&mut unit, client, person.id, &proof)
            .await?;
        unit.commit().await?;
        let side = match (provider.organization, person.staff) {
            (None, Some(_)) => Side::Staff,
            _ => Side::Customer,
        };
        Ok(SignOnDone::SignedIn(SignInDone {
            person: person.id,
            side,
            // The provider vouches for how it looked.
            duty: Duty::Done,
            tokens,
        }))
    }

    /// Adds the provider to the account of somebody who asked for it while they were signed in, and still are.
    async fn link(
        &self,
        client: &Client,
        provider: &ProviderRecord,
        identity: &Identity,
        session: SessionId,
    ) -> Result<SignOnDone, ControlError> {
        let now = self.world.now();
        let live = self
            .store
            .live_session(session, now)
            .await?
            .ok_or(SignOnRefusal::Session)?;
        let mut unit = self
            .store
            .on_behalf_of(Actor::Person(live.who.person))
            .begin()
            .await?;
        let person = unit
            .lock_person(live.who.person)
            .await?
            .ok_or(SignOnRefusal::Disabled)?;
        self.check_domain(provider, identity)?;
        self.check_belongs(&mut unit, provider, &person).await?;
        let known = unit.person_of_identity(provider.id, &identity.subject).await?;
        if known == Some(person.id) {
            return Ok(SignOnDone::Linked(person.id));
        }
        if known.is_some() || unit.has_identity(provider.id, person.id).await? {
            return Err(SignOnRefusal::Taken.into());
        }
        unit.insert_identity(NewIdentity {
            provider: provider.id,
            subject: &identity.subject,
            person: person.id,
            because: LinkedBecause::Person,
            now,
        })
        .await?;
        unit.audit(AuditEntry {
            at: now,
            action: "sso.link",
            subject: &person.id.to_string(),
            operation: None,
            request_id: client.request_id.as_deref(),
            detail: json!({ "provider": provider.id, "because": LinkedBecause::Person.as_str() }),
        })
        .await?;
        unit.commit().await?;
        Ok(SignOnDone::Linked(person.id))
    }
}
