//! Settings that differ from their defaults, and every change of one.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;

/// A setting that was set.
#[derive(Debug, Clone)]
pub struct SettingRecord {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// When it was set.
    pub changed_at: Timestamp,
    /// Who set it.
    pub changed_by: String,
}

/// A change of a setting.
#[derive(Debug, Clone)]
pub struct SettingChange {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The request that asked for it.
    pub request_id: Option<String>,
    /// What was set before; nothing where the default held.
    pub before: Option<Value>,
    /// What was set; nothing where it went back to the default.
    pub after: Option<Value>,
}

impl Scoped {
    /// Everything that was set.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn settings(&self) -> Result<Vec<SettingRecord>, StoreError> {
        let rows = sqlx::query!("SELECT key, value, changed_at, changed_by FROM setting ORDER BY key")
            .fetch_all(&self.pool)
            .await?;
        let records = rows.into_iter().map(|row| SettingRecord {
            key: row.key,
            value: row.value,
            changed_at: row.changed_at.to_jiff(),
            changed_by: row.changed_by,
        });
        Ok(records.collect())
    }

    /// The newest changes of a setting, newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn setting_changes(&self, key: &str, limit: i64) -> Result<Vec<SettingChange>, StoreError> {
        let rows = sqlx::query!(
            "SELECT at, actor, request_id, before, after FROM setting_change WHERE key = $1 ORDER BY id DESC LIMIT $2",
            key,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let changes = rows.into_iter().map(|row| SettingChange {
            at: row.at.to_jiff(),
            actor: row.actor,
            request_id: row.request_id,
            before: row.before,
            after: row.after,
        });
        Ok(changes.collect())
    }
}

impl Unit {
    /// Sets a setting, or takes it back to its default, and writes the change down. Gives what was set before.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn change_setting(
        &mut self,
        key: &str,
        value: Option<&Value>,
        at: Timestamp,
        request_id: Option<&str>,
    ) -> Result<Option<Value>, StoreError> {
        // Two changes of one setting at once come one after the other, so that each tells what it replaced.
        sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 4443))", key)
            .execute(&mut *self.transaction)
            .await?;
        let before = sqlx::query_scalar!("SELECT value FROM setting WHERE key = $1", key)
            .fetch_optional(&mut *self.transaction)
            .await?;
        let actor = self.behalf.to_string();
        match value {
            Some(value) => {
                sqlx::query!(
                    "INSERT INTO setting (key, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)
                     ON CONFLICT ON CONSTRAINT setting_pkey
                     DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
                    key,
                    value,
                    at.to_sqlx() as _,
                    actor,
                )
                .execute(&mut *self.transaction)
                .await?;
            }
            None => {
                sqlx::query!("DELETE FROM setting WHERE key = $1", key)
                    .execute(&mut *self.transaction)
                    .await?;
            }
        }
        sqlx::query!(
            "INSERT INTO setting_change (key, at, actor, request_id, before, after) VALUES ($1, $2, $3, $4, $5, $6)",
            key,
            at.to_sqlx() as _,
            actor,
            request_id,
            before,
            value,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(before)
    }
}
