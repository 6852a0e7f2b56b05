//! One's own sessions: looked at, ended one by one or all at once.

use crate::{Caller, Client, Control, ControlError};
use domain::{SessionId, SignedIn};
use serde_json::json;
use store::{AuditEntry, EndReason};
use wire::person::{Session, SignInEntry};

/// How many attempts are shown.
const HISTORY: i64 = 100;

impl Control {
    /// The caller's sessions in force, newest first.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys, which have none.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<Session>, ControlError> {
        let own = caller.person()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let sessions = scoped.sessions(own.person, self.world.now()).await?;
        let view = |session: store::SessionRecord| Session {
            id: session.id.to_string(),
            current: session.id == own.session,
            methods: session.methods,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            address: session.address,
            user_agent: session.user_agent,
        };
        Ok(sessions.into_iter().map(view).collect())
    }

    /// Ends one of the caller's sessions at once.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the caller has no such session in force.
    pub async fn end_session(&self, caller: &Caller, session: SessionId) -> Result<(), ControlError> {
        let own = caller.person()?;
        let reason = match session == own.session {
            true => EndReason::SignOut,
            false => EndReason::Revoked,
        };
        let request_id = caller.request_id.as_deref();
        match self.end_one(request_id, own.person, session, reason).await? {
            true => Ok(()),
            false => Err(ControlError::NotFound("session")),
        }
    }

    /// Ends the session that somebody asks from.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn sign_out(&self, client: &Client, own: &SignedIn) -> Result<(), ControlError> {
        let request_id = client.request_id.as_deref();
        self.end_one(request_id, own.person, own.session, EndReason::SignOut)
            .await?;
        Ok(())
    }

    /// Ends all of the caller's sessions, this one too; gives how many.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub async fn end_all_sessions(&self, caller: &Caller) -> Result<u64, ControlError> {
        let own = caller.own_account()?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let ended = unit
            .end_sessions(own.person, None, EndReason::SignOut, now)
            .await?;
        unit.audit(AuditEntry {
            at: now,
            action: "session.end-all",
            subject: &own.person.to_string(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: json!({ "ended": ended }),
        })
        .await?;
        unit.commit().await?;
        Ok(ended)
    }

    /// The newest attempts to sign in as the caller.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub async fn sign_ins(&self, caller: &Caller) -> Result<Vec<SignInEntry>, ControlError> {
        let own = caller.person()?;
        let attempts = self
            .store
            .on_behalf_of(caller.actor())
            .sign_ins(own.person, HISTORY)
            .await?;
        let view = |attempt: store::SignInRecord| SignInEntry {
            at: attempt.at,
            address: attempt.address,
            user_agent: attempt.user_agent,
            // That a failure counts no more is for the limits to know.
            outcome: match attempt.outcome.as_str() {
                "forgiven" => "failed".to_owned(),
                _ => attempt.outcome,
            },
        };
        Ok(attempts.into_iter().map(view).collect())
    }
}
