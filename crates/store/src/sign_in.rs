//! Attempts to sign in: the history that people see, and what the limits are counted from.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::PersonId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// An attempt to be written down, as failed until it is known better.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    /// Identity.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Keyed hash of the address that was typed.
    pub account: &'a [u8],
    /// The client's address.
    pub address: &'a str,
    /// What the client called itself.
    pub user_agent: Option<&'a str>,
}

/// Failed attempts since some time: how many, and when the one was that has to be forgotten for another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: i64,
    /// When the `most`-th newest was.
    pub oldest_that_counts: Option<Timestamp>,
}

/// An attempt as its person sees it.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct SignInRecord {
    pub at: Timestamp,
    pub address: String,
    pub user_agent: Option<String>,
    pub outcome: String,
}

impl Scoped {
    /// Writes down an attempt before it is looked at, so that however many come at once, each is counted by all that
    /// come after it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_attempt(&self, attempt: NewAttempt<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO sign_in_attempt (id, at, account, address, user_agent, outcome)
             VALUES ($1, $2, $3, $4, $5, 'failed')",
            attempt.id,
            attempt.at.to_sqlx() as _,
            attempt.account,
            attempt.address,
            attempt.user_agent,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Failed attempts since `since`, on this account, from this address, or both; `most` may be counted.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn failures(
        &self,
        account: Option<&[u8]>,
        address: Option<&str>,
        since: Timestamp,
        most: i64,
    ) -> Result<Failures, StoreError> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "count!", min(at) FILTER (WHERE place <= $4) AS "oldest: jiff_sqlx::Timestamp"
             FROM (SELECT at, row_number() OVER (ORDER BY at DESC, id DESC) AS place FROM sign_in_attempt
                 WHERE outcome = 'failed' AND at > $3 AND ($1::bytea IS NULL OR account = $1)
                   AND ($2::text IS NULL OR address = $2)) AS failed"#,
            account,
            address,
            since.to_sqlx() as _,
            most,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Failures {
            count: row.count,
            oldest_that_counts: row.oldest.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }

    /// Says whose account an attempt was on; also that it was nobody's, which then takes no less time.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn attempt_was_on(&self, id: Uuid, person: Option<PersonId>) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE sign_in_attempt SET person_id = $2 WHERE id = $1",
            id,
            person.map(PersonId::uuid),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Says that a code of six digits is tried on somebody's account, and gives how many were wrong since `since`, this one
    /// among them; `most` may be counted.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn attempt_by_code(
        &self,
        id: Uuid,
        person: PersonId,
        since: Timestamp,
        most: i64,
    ) -> Result<Failures, StoreError> {
        sqlx::query!(
            "UPDATE sign_in_attempt SET by_code = true, person_id = $2 WHERE id = $1",
            id,
            person.uuid(),
        )
        .execute(&self.pool)
        .await?;
        let row = sqlx::query!(
            r#"SELECT count(*) AS "count!", min(at) FILTER (WHERE place <= $3) AS "oldest: jiff_sqlx::Timestamp"
             FROM (SELECT at, row_number() OVER (ORDER BY at DESC, id DESC) AS place FROM sign_in_attempt
                 WHERE person_id = $1 AND by_code AND outcome = 'failed' AND at > $2) AS failed"#,
            person.uuid(),
            since.to_sqlx() as _,
            most,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Failures {
            count: row.count,
            oldest_that_counts: row.oldest.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }

    /// Forgets an attempt that was not looked at, so that a flood leaves no more rows than the limits let through.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_attempt(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM sign_in_attempt WHERE id = $1", id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The newest attempts on a person's account.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn sign_ins(&self, person: PersonId, limit: i64) -> Result<Vec<SignInRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT at AS "at: jiff_sqlx::Timestamp", address, user_agent, outcome FROM sign_in_attempt
             WHERE person_id = $1 ORDER BY at DESC, id DESC LIMIT $2"#,
            person.uuid(),
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| SignInRecord {
                at: row.at.to_jiff(),
                address: row.address,
                user_agent: row.user_agent,
                outcome: row.outcome,
            })
            .collect())
    }
}

impl Unit {
    /// Says that an attempt was good. Earlier failures on the account from the same address count no more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn attempt_succeeded(
        &mut self,
        id: Uuid,
        account: &[u8],
        address: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE sign_in_attempt SET outcome = CASE WHEN id = $1 THEN 'succeeded' ELSE 'forgiven' END
             WHERE id = $1 OR (account = $2 AND address = $3 AND outcome = 'failed')",
            id,
            account,
            address,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Says that an attempt's password was right while a second factor is still wanted. It forgives nothing: else whoever
    /// knows the password could guess codes for ever.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn attempt_challenged(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE sign_in_attempt SET outcome = 'challenged' WHERE id = $1",
            id
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Forgets attempts older than `then`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_attempts(&mut self, then: Timestamp) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM sign_in_attempt WHERE at < $1", then.to_sqlx() as _)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
