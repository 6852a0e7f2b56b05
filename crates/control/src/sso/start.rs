//! Sending a browser to a provider.

use super::refusal::SignOnRefusal;
use crate::sealing::token_hash;
use crate::{Caller, Client, Control, ControlError};
use domain::{ProviderId, SessionId};
use jiff::SignedDuration;
use oidc::challenge;
use store::{Actor, NewFlow, ProviderRecord};
use wire::Plaintext;

/// How long somebody may take at the provider.
pub(crate) const FLOW_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Sign-ins from one address that may be under way: a large office comes from one in the morning.
const MOST: i64 = 600;
/// How long ago somebody may have proved who they are when they add a provider to their account.
const FRESH: SignedDuration = SignedDuration::from_mins(15);

/// A sign-in that was begun.
#[derive(Debug)]
pub struct SignOnStart {
    /// Where the browser goes now.
    pub url: String,
    /// What the browser keeps and brings back, so that nobody else's browser finishes it.
    pub browser: Plaintext,
    /// For how many seconds.
    pub seconds: i64,
}

impl Control {
    /// Begins a sign-in at a provider. `browser` is what the same browser keeps of an earlier one.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::SignOn`] when the provider does not work; [`ControlError::Limited`].
    pub async fn start_sign_on(
        &self,
        client: &Client,
        id: ProviderId,
        browser: Option<&str>,
    ) -> Result<SignOnStart, ControlError> {
        let begun = self.begin_flow(client, id, browser, None).await;
        self.refused(client, id, begun).await
    }

    /// Begins to add a provider to the caller's own account: whoever signs in there becomes another way in.
    ///
    /// # Errors
    /// As [`Control::start_sign_on`]; [`ControlError::Forbidden`] for keys; [`SignOnRefusal::Session`] for a session that
    /// is too old, or that a provider opened for one organization alone.
    pub async fn start_link(
        &self,
        caller: &Caller,
        client: &Client,
        id: ProviderId,
        browser: Option<&str>,
    ) -> Result<SignOnStart, ControlError> {
        let own = caller.person()?;
        let session = self.store.live_session(own.session, self.world.now()).await?;
        let session = session.ok_or(ControlError::Unauthenticated)?;
        let old = session.authenticated_at + FRESH < self.world.now();
        let scoped = self.store.on_behalf_of(caller.actor());
        let begun = match old || scoped.session_confined_to(own.session).await?.is_some() {
            true => Err(SignOnRefusal::Session.into()),
            false => self.begin_flow(client, id, browser, Some(own.session)).await,
        };
        self.refused(client, id, begun).await
    }

    async fn begin_flow(
        &self,
        client: &Client,
        id: ProviderId,
        browser: Option<&str>,
        session: Option<SessionId>,
    ) -> Result<SignOnStart, ControlError> {
        let (record, provider) = self.provider_in_use(id).await?;
        let state = hex::encode(self.world.bytes::<32>());
        let browser = match browser.filter(|text| is_token(text)) {
            Some(kept) => kept.to_owned(),
            None => hex::encode(self.world.bytes::<32>()),
        };
        let nonce = self.nonce(&state);
        let challenge = challenge(&self.verifier(&state));
        let sign_in = [
            ("state", state.as_str()),
            ("nonce", nonce.as_str()),
            ("code_challenge", challenge.as_str()),
        ];
        // Asked before anything is written down.
        let now = self.world.now();
        let url = self
            .providers
            .authorization(&provider, sign_in, now.as_second())
            .await?;
        self.write_flow(
            client,
            &record,
            [&token_hash(&state), &token_hash(&browser)],
            session,
        )
        .await?;
        Ok(SignOnStart {
            url: url.into(),
            browser: Plaintext::new(browser),
            seconds: FLOW_LIFE.as_secs(),
        })
    }

    async fn write_flow(
        &self,
        client: &Client,
        record: &ProviderRecord,
        [state, browser]: [&[u8]; 2],
        session: Option<SessionId>,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        let flow = NewFlow {
            state,
            provider: record.id,
            browser,
            address: &client.network(),
            session,
            now,
            expires_at: now + FLOW_LIFE,
        };
        let scoped = self.store.on_behalf_of(Actor::System);
        match scoped.insert_flow(flow, now - FLOW_LIFE, MOST).await? {
            true => Ok(()),
            false => Err(ControlError::Limited { retry_after: 60 }),
        }
    }

    /// What the token of the sign-in with this state repeats. It follows from the state, so that nothing has to be kept.
    pub(crate) fn nonce(&self, state: &str) -> String {
        self.server_key.derive("sso-nonce", state)
    }

    /// What shows that whoever exchanges the code is who asked for it.
    pub(crate) fn verifier(&self, state: &str) -> String {
        self.server_key.derive("sso-verifier", state)
    }
}

/// Whether a text can be one of ours: 256 bits in hexadecimal digits.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
