//! Challenges: the second step of a sign-in, and what passkeys are to sign. Each is taken once.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{PersonId, SessionId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use uuid::Uuid;

/// Wrong codes after which a challenge is gone.
const MOST_FAILURES: i32 = 5;

/// What a challenge is for, with what it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengePurpose<'a> {
    /// The second step after a right password.
    SignIn {
        /// Whose password it was.
        person: PersonId,
        /// The attempt that brought it.
        attempt: Uuid,
        /// Whether they sign in as staff.
        staff: bool,
    },
    /// A sign-in with a passkey alone, which will say whose it is; asked for from this address.
    Passkey(&'a str),
    /// A new passkey of this person's, asked for in this session.
    Register(PersonId, SessionId),
    /// Proving anew who one is in this session.
    StepUp(PersonId, SessionId),
}

impl<'a> ChallengePurpose<'a> {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn { .. } => "sign-in",
            Self::Passkey(_) => "passkey",
            Self::Register(..) => "register",
            Self::StepUp(..) => "step-up",
        }
    }

    const fn person(self) -> Option<PersonId> {
        match self {
            Self::SignIn { person, .. } | Self::Register(person, _) | Self::StepUp(person, _) => Some(person),
            Self::Passkey(_) => None,
        }
    }

    const fn address(self) -> Option<&'a str> {
        match self {
            Self::Passkey(address) => Some(address),
            Self::SignIn { .. } | Self::Register(..) | Self::StepUp(..) => None,
        }
    }

    const fn session(self) -> Option<SessionId> {
        match self {
            Self::Register(_, session) | Self::StepUp(_, session) => Some(session),
            Self::SignIn { .. } | Self::Passkey(_) => None,
        }
    }
}

/// A challenge to be written down.
#[derive(Debug)]
pub struct NewChallenge<'a> {
    /// SHA-256 of the token that the client holds.
    pub hash: &'a [u8],
    /// What it is for.
    pub purpose: ChallengePurpose<'a>,
    /// What the passkey has to sign and how.
    pub ceremony: Option<&'a Value>,
    /// When it is.
    pub now: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The second step that a sign-in waits for.
#[derive(Debug, Clone)]
pub struct SecondStepRecord {
    /// Whose password was right.
    pub person: PersonId,
    /// The attempt that brought it.
    pub attempt: Option<Uuid>,
    /// Whether they sign in as staff.
    pub staff: bool,
}

impl Scoped {
    /// The second step that this token is for, if it is still waited for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn second_step(
        &self,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<SecondStepRecord>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT person_id AS "person_id!", attempt_id, staff_side AS "staff_side!" FROM factor_challenge
             WHERE hash = $1 AND purpose = 'sign-in' AND expires_at > $2"#,
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| SecondStepRecord {
            person: PersonId::from_uuid(row.person_id),
            attempt: row.attempt_id,
            staff: row.staff_side,
        }))
    }

    /// Takes out what a passkey has to sign for the second step of a sign-in; the codes are waited for still. It is gone
    /// with the first answer, right or wrong: this is a transaction of its own.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn take_ceremony(&self, hash: &[u8], now: Timestamp) -> Result<Option<Value>, StoreError> {
        let taken = sqlx::query_scalar!(
            r#"WITH waiting AS (SELECT hash, ceremony FROM factor_challenge
                    WHERE hash = $1 AND purpose = 'sign-in' AND expires_at > $2 AND ceremony IS NOT NULL FOR UPDATE)
             UPDATE factor_challenge c SET ceremony = NULL FROM waiting w WHERE c.hash = w.hash
             RETURNING w.ceremony AS "ceremony!""#,
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(taken)
    }

    /// Takes a challenge of a passkey, which is gone then: this is a transaction of its own. One of another person or
    /// session is not found, and stays.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn take_challenge(
        &self,
        hash: &[u8],
        purpose: ChallengePurpose<'_>,
        now: Timestamp,
    ) -> Result<Option<Value>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"DELETE FROM factor_challenge WHERE hash = $1 AND purpose = $2 AND expires_at > $5
               AND person_id IS NOT DISTINCT FROM $3 AND session_id IS NOT DISTINCT FROM $4 AND ceremony IS NOT NULL
             RETURNING ceremony AS "ceremony!""#,
            hash,
            purpose.as_str(),
            purpose.person().map(PersonId::uuid) as Option<Uuid>,
            purpose.session().map(SessionId::uuid) as Option<Uuid>,
            now.to_sqlx() as _,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// How many sign-ins with a passkey alone wait that were asked for from this address.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn waiting_from(&self, address: &str, now: Timestamp) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM factor_challenge WHERE address = $1 AND expires_at > $2"#,
            address,
            now.to_sqlx() as _,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Counts a wrong code on a challenge, which after the fifth is gone.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn challenge_failed(&self, hash: &[u8]) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE factor_challenge SET failures = failures + 1 WHERE hash = $1",
            hash
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "DELETE FROM factor_challenge WHERE hash = $1 AND failures >= $2",
            hash,
            MOST_FAILURES,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

impl Unit {
    /// Writes down a challenge.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_challenge(&mut self, challenge: NewChallenge<'_>) -> Result<(), StoreError> {
        let (attempt, staff) = match challenge.purpose {
            ChallengePurpose::SignIn { attempt, staff, .. } => (Some(attempt), Some(staff)),
            _ => (None, None),
        };
        sqlx::query!(
            "INSERT INTO factor_challenge (hash, purpose, person_id, session_id, attempt_id, staff_side, address, ceremony,
                                           created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            challenge.hash,
            challenge.purpose.as_str(),
            challenge.purpose.person().map(PersonId::uuid) as Option<Uuid>,
            challenge.purpose.session().map(SessionId::uuid) as Option<Uuid>,
            attempt,
            staff,
            challenge.purpose.address(),
            challenge.ceremony,
            challenge.now.to_sqlx() as _,
            challenge.expires_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Ends the second step that this token is for, with its attempt; whether it was still waited for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_second_step(&mut self, hash: &[u8], now: Timestamp) -> Result<bool, StoreError> {
        let ended = sqlx::query!(
            "DELETE FROM factor_challenge WHERE hash = $1 AND purpose = 'sign-in' AND expires_at > $2
             RETURNING attempt_id",
            hash,
            now.to_sqlx() as _,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        let Some(row) = ended else { return Ok(false) };
        // The attempt that ended well stands for both steps.
        sqlx::query!(
            "DELETE FROM sign_in_attempt WHERE id = $1 AND outcome = 'challenged'",
            row.attempt_id,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(true)
    }

    /// Voids every challenge of somebody's, as when their password or their factors are others now.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn void_challenges(&mut self, person: PersonId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM factor_challenge WHERE person_id = $1", person.uuid())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Forgets challenges that are over.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_challenges(&mut self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM factor_challenge WHERE expires_at < $1",
            now.to_sqlx() as _
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
