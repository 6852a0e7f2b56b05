//! Second factors that are codes: those of an app, and the recovery codes.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{Factors, OrganizationId, PersonId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgExecutor;
use uuid::Uuid;

/// Somebody's codes of an app.
#[derive(Debug, Clone)]
pub struct TotpRecord {
    /// Identity of this set-up.
    pub id: Uuid,
    /// The secret, encrypted.
    pub sealed: Vec<u8>,
    /// When the set-up was begun.
    pub created_at: Timestamp,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

/// Whether recovery codes count from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryStanding {
    /// Not before the set-up is confirmed.
    Pending,
    /// At once.
    Active,
}

impl RecoveryStanding {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
        }
    }
}

async fn factors(executor: impl PgExecutor<'_>, person: PersonId) -> Result<Factors, StoreError> {
    let row = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM totp_factor WHERE person_id = $1 AND confirmed_at IS NOT NULL) AS "totp!",
                (SELECT count(*) FROM passkey WHERE person_id = $1) AS "passkeys!",
                (SELECT count(*) FROM recovery_code WHERE person_id = $1 AND standing = 'active') AS "recovery!",
                EXISTS (SELECT FROM membership m JOIN organization o ON o.id = m.organization_id
                    WHERE m.person_id = $1 AND o.requires_factor) AS "wanted!""#,
        person.uuid(),
    )
    .fetch_one(executor)
    .await?;
    Ok(Factors {
        totp: row.totp,
        passkeys: row.passkeys,
        recovery_left: row.recovery,
        wanted_by_organization: row.wanted,
    })
}

impl Scoped {
    /// The second factors that somebody has.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn factors(&self, person: PersonId) -> Result<Factors, StoreError> {
        factors(&self.pool, person).await
    }
}

impl Unit {
    /// The second factors that somebody has.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn factors(&mut self, person: PersonId) -> Result<Factors, StoreError> {
        factors(&mut *self.transaction, person).await
    }

    /// Somebody's codes of an app, confirmed or not; the row is held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_totp(&mut self, person: PersonId) -> Result<Option<TotpRecord>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT id, sealed, created_at AS "created_at: jiff_sqlx::Timestamp",
                    confirmed_at AS "confirmed_at: jiff_sqlx::Timestamp"
             FROM totp_factor WHERE person_id = $1 FOR UPDATE"#,
            person.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|row| TotpRecord {
            id: row.id,
            sealed: row.sealed,
            created_at: row.created_at.to_jiff(),
            confirmed_at: row.confirmed_at.map(jiff_sqlx::Timestamp::to_jiff),
        }))
    }

    /// Begins a set-up of codes in the place of one that was not confirmed; whether none was confirmed already.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn begin_totp(
        &mut self,
        person: PersonId,
        id: Uuid,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "INSERT INTO totp_factor (id, person_id, sealed, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT ON CONSTRAINT totp_factor_person_key DO UPDATE
                SET id = excluded.id, sealed = excluded.sealed, created_at = excluded.created_at, last_step = NULL
                WHERE totp_factor.confirmed_at IS NULL",
            id,
            person.uuid(),
            sealed,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Confirms a set-up with the code of this time step; whether it was there, and not confirmed yet.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn confirm_totp(&mut self, id: Uuid, step: i64, now: Timestamp) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE totp_factor SET confirmed_at = $3, last_step = $2 WHERE id = $1 AND confirmed_at IS NULL",
            id,
            step,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Uses up the code of this time step. Of all who bring it, on whatever replica, one finds it fresh.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_totp_step(&mut self, id: Uuid, step: i64) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE totp_factor SET last_step = $2 WHERE id = $1 AND confirmed_at IS NOT NULL AND last_step < $2",
            id,
            step,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Forgets somebody's codes of an app; whether confirmed ones were there.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn remove_totp(&mut self, person: PersonId) -> Result<bool, StoreError> {
        let removed = sqlx::query!(
            r#"DELETE FROM totp_factor WHERE person_id = $1 RETURNING confirmed_at IS NOT NULL AS "counted!""#,
            person.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(removed.is_some_and(|row| row.counted))
    }

    /// Writes down recovery codes. Active ones take the place of all others, pending ones of pending ones.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn insert_recovery_codes(
        &mut self,
        person: PersonId,
        hashes: &[Vec<u8>],
        standing: RecoveryStanding,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM recovery_code WHERE person_id = $1 AND (standing = 'pending' OR $2 = 'active')",
            person.uuid(),
            standing.as_str(),
        )
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "INSERT INTO recovery_code (person_id, hash, standing, created_at)
             SELECT $1, hash, $3, $4 FROM unnest($2::bytea[]) AS hash",
            person.uuid(),
            hashes,
            standing.as_str(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Makes the pending recovery codes the ones that count, in the place of all others.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn activate_recovery_codes(&mut self, person: PersonId) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM recovery_code WHERE person_id = $1 AND standing <> 'pending'",
            person.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "UPDATE recovery_code SET standing = 'active' WHERE person_id = $1",
            person.uuid(),
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Uses up a recovery code. Of all who bring it, one finds it fresh.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn use_recovery_code(
        &mut self,
        person: PersonId,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE recovery_code SET standing = 'used', used_at = $3
             WHERE person_id = $1 AND hash = $2 AND standing = 'active'",
            person.uuid(),
            hash,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Forgets somebody's recovery codes.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn remove_recovery_codes(&mut self, person: PersonId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM recovery_code WHERE person_id = $1", person.uuid())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Forgets set-ups that nobody confirmed since `then`, and the recovery codes that were shown with them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_setups(&mut self, then: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM totp_factor WHERE confirmed_at IS NULL AND created_at < $1",
            then.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "DELETE FROM recovery_code WHERE standing = 'pending' AND created_at < $1",
            then.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Says whether an organization wants a second factor of its members; gives what it was before.
    ///
    /// # Errors
    /// As for any statement; `None` when there is no such organization.
    pub async fn set_requires_factor(
        &mut self,
        organization: OrganizationId,
        required: bool,
    ) -> Result<Option<bool>, StoreError> {
        let before = sqlx::query_scalar!(
            "SELECT requires_factor FROM organization WHERE id = $1 FOR UPDATE",
            organization.uuid(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "UPDATE organization SET requires_factor = $2 WHERE id = $1",
            organization.uuid(),
            required,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(before)
    }
}
