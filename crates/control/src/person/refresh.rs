//! New tokens for old: each refresh token works once, and a copy that comes later ends the session.

use super::sign_in::REFRESH_PREFIX;
use crate::sealing::token_hash;
use crate::token::Tokens;
use crate::{Client, ConflictReason, Control, ControlError};
use domain::{PersonId, Secret, SessionId};
use jiff::SignedDuration;
use serde_json::json;
use store::{Actor, AuditEntry, EndReason, RefreshUse};

/// Two tabs of one browser may bring the same token in the same moment. The later one gets no tokens (it shares the
/// cookies of the first), but it does not end the session either. A thief gains nothing by it.
const SAME_MOMENT: SignedDuration = SignedDuration::from_secs(5);

/// A refresh token that somebody brought.
#[derive(Debug)]
pub struct RefreshToken(Secret<String>);

impl RefreshToken {
    /// Takes a token; nothing when it cannot be one.
    pub fn of(text: &str) -> Option<Self> {
        let sound = text.len() < 100 && text.starts_with(REFRESH_PREFIX);
        sound.then(|| Self(Secret::new(text.to_owned())))
    }

    fn hash(&self) -> Vec<u8> {
        token_hash(self.0.expose())
    }
}

impl Control {
    /// Uses up a refresh token for new tokens of its session.
    ///
    /// # Errors
    /// [`ControlError::Unauthenticated`] for one that does not work, and with that the session of one that was used up
    /// before has ended; [`ConflictReason::JustRefreshed`].
    pub async fn refresh(&self, client: &Client, token: &RefreshToken) -> Result<Tokens, ControlError> {
        let now = self.world.now();
        self.ready_to_sign().await?;
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        match unit.use_refresh_token(&token.hash(), now).await? {
            RefreshUse::Refused => Err(ControlError::Unauthenticated),
            RefreshUse::Fresh {
                session,
                person,
                session_expires_at,
            } => {
                let tokens = self
                    .give_tokens(&mut unit, person, session, session_expires_at)
                    .await?;
                unit.commit().await?;
                Ok(tokens)
            }
            RefreshUse::Used { at, .. } if now.duration_since(at) < SAME_MOMENT => {
                Err(ControlError::Conflict(ConflictReason::JustRefreshed))
            }
            RefreshUse::Used { session, person, .. } => {
                unit.end_session(person, session, EndReason::TokenReused, now)
                    .await?;
                unit.audit(AuditEntry {
                    at: now,
                    action: "session.token-reused",
                    subject: &session.to_string(),
                    operation: None,
                    request_id: client.request_id.as_deref(),
                    detail: json!({ "person": person, "address": client.network() }),
                })
                .await?;
                unit.commit().await?;
                Err(ControlError::Unauthenticated)
            }
        }
    }

    /// Signs out by the refresh token alone, as when the access token has ended.
    ///
    /// # Errors
    /// As for any use case; none for a token that does not work, for then there is nothing to end.
    pub async fn sign_out_by_token(&self, client: &Client, token: &RefreshToken) -> Result<(), ControlError> {
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        let Some((session, person)) = unit.session_of_token(&token.hash()).await? else {
            return Ok(());
        };
        drop(unit);
        self.end_one(client.request_id.as_deref(), person, session, EndReason::SignOut)
            .await?;
        Ok(())
    }

    /// Ends one session of a person's, on their own behalf; whether there was one in force.
    pub(crate) async fn end_one(
        &self,
        request_id: Option<&str>,
        person: PersonId,
        session: SessionId,
        reason: EndReason,
    ) -> Result<bool, ControlError> {
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(Actor::Person(person)).begin().await?;
        if !unit.end_session(person, session, reason, now).await? {
            return Ok(false);
        }
        unit.audit(AuditEntry {
            at: now,
            action: "session.end",
            subject: &session.to_string(),
            operation: None,
            request_id,
            detail: json!({}),
        })
        .await?;
        unit.commit().await?;
        Ok(true)
    }
}
