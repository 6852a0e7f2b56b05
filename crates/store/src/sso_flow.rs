//! Sign-ins that were begun at a provider.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{ProviderId, SessionId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// A sign-in to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewFlow<'a> {
    /// Hash of the state.
    pub state: &'a [u8],
    /// The provider.
    pub provider: ProviderId,
    /// Hash of the browser's cookie.
    pub browser: &'a [u8],
    /// The client's address.
    pub address: &'a str,
    /// The session whose person adds the provider to their account.
    pub session: Option<SessionId>,
    /// When it is.
    pub now: Timestamp,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// What became of a state that somebody brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowUse {
    /// It was good and is used up now.
    Fresh {
        /// The session whose person adds the provider to their account.
        session: Option<SessionId>,
    },
    /// There is none, or it is over, or another provider's.
    Unknown,
    /// Another browser began it; it stays as it is.
    OtherBrowser,
    /// It was used up before.
    Used,
}

impl Scoped {
    /// Writes down a sign-in, unless too many were begun from the address since `since`; whether it was.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_flow(
        &self,
        flow: NewFlow<'_>,
        since: Timestamp,
        most: i64,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "INSERT INTO sso_flow (state_hash, provider_id, browser_hash, address, session_id, created_at, expires_at)
             SELECT $1, $2, $3, $4, $5, $6, $7
             WHERE (SELECT count(*) FROM sso_flow WHERE address = $4 AND created_at > $8) < $9",
            flow.state,
            flow.provider.uuid(),
            flow.browser,
            flow.address,
            flow.session.map(SessionId::uuid),
            flow.now.to_sqlx() as _,
            flow.expires_at.to_sqlx() as _,
            since.to_sqlx() as _,
            most,
        )
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Uses up a state. Of several who bring the same one at once, one finds it fresh.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_flow(
        &self,
        state: &[u8],
        provider: ProviderId,
        browser: &[u8],
        now: Timestamp,
    ) -> Result<FlowUse, StoreError> {
        let used = sqlx::query!(
            "UPDATE sso_flow SET used_at = $4
             WHERE state_hash = $1 AND provider_id = $2 AND browser_hash = $3 AND used_at IS NULL AND expires_at > $4
             RETURNING session_id",
            state,
            provider.uuid(),
            browser,
            now.to_sqlx() as _,
        )
        .fetch_optional(&self.pool)
        .await?;
        if let Some(row) = used {
            let session = row.session_id.map(SessionId::from_uuid);
            return Ok(FlowUse::Fresh { session });
        }
        let found = sqlx::query!(
            r#"SELECT used_at IS NOT NULL AS "used!", browser_hash = $3 AS "own!" FROM sso_flow
             WHERE state_hash = $1 AND provider_id = $2 AND expires_at > $4"#,
            state,
            provider.uuid(),
            browser,
            now.to_sqlx() as _,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match found {
            None => FlowUse::Unknown,
            Some(row) if !row.own => FlowUse::OtherBrowser,
            // Somebody else may have used it up between the two looks.
            Some(_) => FlowUse::Used,
        })
    }
}

impl Unit {
    /// Forgets sign-ins and logout tokens that are over.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_flows(&mut self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM sso_flow WHERE expires_at < $1", now.to_sqlx() as _)
            .execute(&mut *self.transaction)
            .await?;
        sqlx::query!("DELETE FROM sso_logout WHERE over_at < $1", now.to_sqlx() as _)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
