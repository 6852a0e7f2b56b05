//! Sessions and their refresh tokens.

use crate::error::{StoreError, read_optional};
use crate::scope::{Scoped, Store, Unit};
use domain::{Assurance, Factors, Membership, Method, PersonId, SessionId, SignedIn};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The person signed out.
    SignOut,
    /// It was revoked from another session, or by staff.
    Revoked,
    /// A refresh token came a second time, so somebody has a copy.
    TokenReused,
    /// The password was changed.
    Password,
    /// The person was shut out.
    Disabled,
    /// The person's second factors are others now.
    Factor,
}

impl EndReason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignOut => "sign-out",
            Self::Revoked => "revoked",
            Self::TokenReused => "token-reused",
            Self::Password => "password",
            Self::Disabled => "disabled",
            Self::Factor => "factor",
        }
    }
}

/// A session to be written down.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// Identity.
    pub id: SessionId,
    /// Who.
    pub person: PersonId,
    /// How they proved who they are.
    pub methods: &'a [String],
    /// The client's address.
    pub address: Option<&'a str>,
    /// What the client called itself.
    pub user_agent: Option<&'a str>,
    /// When it is.
    pub now: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// Who vouched for the person when a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenedBy {
    /// Nobody but they themselves, with what they showed here.
    Ourselves,
    /// The staff's identity provider.
    Provider,
    /// An organization's identity provider, which confines it to that organization.
    ProviderOfOrganization,
}

/// A session in force, with what its person is now.
#[derive(Debug, Clone)]
pub struct LiveSession {
    /// Who, and what they are; what that is worth is for whoever knows the settings to say.
    pub who: SignedIn,
    /// Their second factors.
    pub factors: Factors,
    /// Who opened it.
    pub opened_by: OpenedBy,
    /// How they proved it.
    pub methods: Vec<String>,
    /// When they last proved it.
    pub authenticated_at: Timestamp,
}

/// A session as its person sees it.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct SessionRecord {
    pub id: SessionId,
    pub methods: Vec<String>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// What became of a refresh token that somebody brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshUse {
    /// Unknown, ended, or of a session that has ended.
    Refused,
    /// It was good and is used up now.
    Fresh {
        /// The session.
        session: SessionId,
        /// Whose.
        person: PersonId,
        /// When the session ends in any case.
        session_expires_at: Timestamp,
    },
    /// It had been used up before, at this time, while its session is in force.
    Used {
        /// The session.
        session: SessionId,
        /// Whose.
        person: PersonId,
        /// When it was used up.
        at: Timestamp,
    },
}

impl Store {
    /// The session of this identity, if it is in force at `now` and its person may sign in. One look-up by key, for
    /// every request: so signing out, shutting out and another role count at once, on every replica.
    ///
    /// What an organization's identity provider opened is that organization and nothing else; where a provider is
    /// enforced, only what a provider opened counts, but for the owners of the installation.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a caller must not take that for a session that has ended.
    pub async fn live_session(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<LiveSession>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT s.person_id, s.methods, s.authenticated_at AS "authenticated_at: jiff_sqlx::Timestamp",
                    CASE WHEN v.organization_id IS NULL AND (v.id IS NOT NULL OR p.staff_role = 'owner' OR NOT EXISTS
                        (SELECT FROM sso_provider e WHERE e.organization_id IS NULL AND e.enforced AND e.disabled_at IS NULL))
                        THEN p.staff_role END AS staff_role,
                    coalesce((SELECT jsonb_agg(jsonb_build_object(
                            'organization', 'org_' || replace(m.organization_id::text, '-', ''), 'role', m.role)
                            ORDER BY m.organization_id)
                        FROM membership m WHERE m.person_id = p.id AND CASE WHEN v.organization_id IS NOT NULL
                            THEN m.organization_id = v.organization_id
                            ELSE NOT EXISTS (SELECT FROM sso_provider e WHERE e.organization_id = m.organization_id
                                AND e.enforced AND e.disabled_at IS NULL) END), '[]') AS "memberships!",
                    EXISTS (SELECT FROM totp_factor f WHERE f.person_id = p.id AND f.confirmed_at IS NOT NULL) AS "totp!",
                    (SELECT count(*) FROM passkey k WHERE k.person_id = p.id) AS "passkeys!",
                    (SELECT count(*) FROM recovery_code r WHERE r.person_id = p.id AND r.standing = 'active') AS "recovery!",
                    EXISTS (SELECT FROM membership m JOIN organization o ON o.id = m.organization_id
                        WHERE m.person_id = p.id AND o.requires_factor) AS "wanted!",
                    v.id IS NOT NULL AS "vouched!", v.organization_id IS NOT NULL AS "confined!"
             FROM session s JOIN person p ON p.id = s.person_id LEFT JOIN sso_provider v ON v.id = s.provider_id
             WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND p.disabled_at IS NULL"#,
            id.uuid(),
            now.to_sqlx() as _,
        )
        .fetch_optional(self.pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let memberships: Vec<Membership> = serde_json::from_value(row.memberships)
            .map_err(|_| StoreError::Corrupt { column: "membership" })?;
        Ok(Some(LiveSession {
            who: SignedIn {
                person: PersonId::from_uuid(row.person_id),
                session: id,
                staff: read_optional("person.staff_role", row.staff_role.as_deref())?,
                memberships,
                assurance: Assurance::default(),
            },
            factors: Factors {
                totp: row.totp,
                passkeys: row.passkeys,
                recovery_left: row.recovery,
                wanted_by_organization: row.wanted,
            },
            opened_by: match (row.vouched, row.confined) {
                (_, true) => OpenedBy::ProviderOfOrganization,
                (true, false) => OpenedBy::Provider,
                (false, false) => OpenedBy::Ourselves,
            },
            methods: row.methods,
            authenticated_at: row.authenticated_at.to_jiff(),
        }))
    }
}

impl Scoped {
    /// A person's sessions that are in force, newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn sessions(&self, person: PersonId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT id, methods, created_at AS "created_at: jiff_sqlx::Timestamp",
                    last_seen_at AS "last_seen_at: jiff_sqlx::Timestamp",
                    expires_at AS "expires_at: jiff_sqlx::Timestamp", address, user_agent
             FROM session s WHERE person_id = $1 AND ended_at IS NULL AND expires_at > $2
               AND EXISTS (SELECT FROM refresh_token t WHERE t.session_id = s.id AND t.expires_at > $2)
             ORDER BY created_at DESC, id DESC"#,
            person.uuid(),
            now.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| SessionRecord {
                id: SessionId::from_uuid(row.id),
                methods: row.methods,
                created_at: row.created_at.to_jiff(),
                last_seen_at: row.last_seen_at.to_jiff(),
                expires_at: row.expires_at.to_jiff(),
                address: row.address,
                user_agent: row.user_agent,
            })
            .collect())
    }
}

impl Unit {
    /// Writes down a session.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_session(&mut self, session: NewSession<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO session (id, person_id, methods, authenticated_at, created_at, last_seen_at, expires_at,
                                  address, user_agent)
             VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7)",
            session.id.uuid(),
            session.person.uuid(),
            session.methods,
            session.now.to_sqlx() as _,
            session.expires_at.to_sqlx() as _,
            session.address,
            session.user_agent,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes down a refresh token of a session.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_refresh_token(
        &mut self,
        hash: &[u8],
        session: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO refresh_token (hash, session_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            hash,
            session.uuid(),
            now.to_sqlx() as _,
            expires_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Uses up a refresh token. Of several who bring the same one at once, one finds it fresh.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_refresh_token(&mut self, hash: &[u8], now: Timestamp) -> Result<RefreshUse, StoreError> {
        let row = sqlx::query!(
            r#"SELECT t.session_id, s.person_id, t.expires_at > $2 AS "good!",
                    t.used_at AS "used_at: jiff_sqlx::Timestamp", s.expires_at AS "session_expires_at: jiff_sqlx::Timestamp"
             FROM refresh_token t JOIN session s ON s.id = t.session_id JOIN person p ON p.id = s.person_id
             WHERE t.hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND p.disabled_at IS NULL
             FOR UPDATE OF t, s"#,
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        let Some(row) = row else {
            return Ok(RefreshUse::Refused);
        };
        let session = SessionId::from_uuid(row.session_id);
        let person = PersonId::from_uuid(row.person_id);
        if let Some(at) = row.used_at {
            let at = at.to_jiff();
            return Ok(RefreshUse::Used { session, person, at });
        }
        if !row.good {
            return Ok(RefreshUse::Refused);
        }
        sqlx::query!(
            "UPDATE refresh_token SET used_at = $2 WHERE hash = $1",
            hash,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "UPDATE session SET last_seen_at = $2 WHERE id = $1",
            row.session_id,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(RefreshUse::Fresh {
            session,
            person,
            session_expires_at: row.session_expires_at.to_jiff(),
        })
    }

    /// The session that a refresh token belongs to, whether the token is used up or not.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn session_of_token(
        &mut self,
        hash: &[u8],
    ) -> Result<Option<(SessionId, PersonId)>, StoreError> {
        let row = sqlx::query!(
            "SELECT s.id, s.person_id FROM refresh_token t JOIN session s ON s.id = t.session_id WHERE t.hash = $1",
            hash,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|row| (SessionId::from_uuid(row.id), PersonId::from_uuid(row.person_id))))
    }

    /// Says that a session's person proved anew who they are, and how; whether the session is in force.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn session_proved(
        &mut self,
        person: PersonId,
        session: SessionId,
        method: Method,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE session SET authenticated_at = $4,
                methods = CASE WHEN $3 = ANY(methods) THEN methods ELSE array_append(methods, $3) END
             WHERE id = $1 AND person_id = $2 AND ended_at IS NULL AND expires_at > $4",
            session.uuid(),
            person.uuid(),
            method.as_str(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Ends a session of this person's; whether there was one in force.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_session(
        &mut self,
        person: PersonId,
        session: SessionId,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE session SET ended_at = $4, ended_because = $3 WHERE id = $1 AND person_id = $2 AND ended_at IS NULL",
            session.uuid(),
            person.uuid(),
            reason.as_str(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Ends every session of a person's but one, if one is given; gives how many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_sessions(
        &mut self,
        person: PersonId,
        but: Option<SessionId>,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let changed = sqlx::query!(
            "UPDATE session SET ended_at = $4, ended_because = $3
             WHERE person_id = $1 AND ended_at IS NULL AND expires_at > $4 AND id IS DISTINCT FROM $2",
            person.uuid(),
            but.map(SessionId::uuid) as Option<Uuid>,
            reason.as_str(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected())
    }

    /// Forgets sessions that ended before `then`, with their tokens.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_sessions(&mut self, then: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM session WHERE ended_at < $1 OR expires_at < $1",
            then.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
