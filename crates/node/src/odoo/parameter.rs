//! `ir_config_parameter`: Odoo's settings by key.

use crate::error::NodeError;
use sqlx::{PgConnection, Row};

pub(crate) const BASE_URL: &str = "web.base.url";
pub(crate) const BASE_URL_FREEZE: &str = "web.base.url.freeze";
pub(crate) const DATABASE_UUID: &str = "database.uuid";
pub(crate) const DATABASE_SECRET: &str = "database.secret";
pub(crate) const DATABASE_CREATE_DATE: &str = "database.create_date";
pub(crate) const SUSPENDED: &str = "tenant.suspended";
pub(crate) const SUSPEND_REASON: &str = "tenant.suspend_reason";

/// Sets a parameter, whether it was there or not.
pub(crate) async fn set(connection: &mut PgConnection, key: &str, value: &str) -> Result<(), NodeError> {
    sqlx::query(
        "INSERT INTO ir_config_parameter (key, value, create_date, write_date) \
         VALUES ($1, $2, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC') \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = excluded.write_date",
    )
    .bind(key)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets several parameters at once.
pub(crate) async fn set_all(
    connection: &mut PgConnection,
    parameters: &[(&str, String)],
) -> Result<(), NodeError> {
    let (keys, values): (Vec<&str>, Vec<&str>) = parameters
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .unzip();
    sqlx::query(
        "INSERT INTO ir_config_parameter (key, value, create_date, write_date) \
         SELECT key, value, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM unnest($1::text[], $2::text[]) AS given (key, value) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = excluded.write_date",
    )
    .bind(keys)
    .bind(values)
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads a parameter.
pub(crate) async fn get(connection: &mut PgConnection, key: &str) -> Result<Option<String>, NodeError> {
    let row = sqlx::query("SELECT value FROM ir_config_parameter WHERE key = $1")
        .bind(key)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

/// Removes a parameter, if it is there.
pub(crate) async fn remove(connection: &mut PgConnection, key: &str) -> Result<(), NodeError> {
    sqlx::query("DELETE FROM ir_config_parameter WHERE key = $1")
        .bind(key)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes what belongs to one database only: a contract of Odoo Enterprise, and the keys of web push messages.
pub(crate) async fn clear_inherited(connection: &mut PgConnection) -> Result<(), NodeError> {
    sqlx::query(
        "DELETE FROM ir_config_parameter WHERE key IN ('database.enterprise_code', \
         'mail.web_push_vapid_private_key', 'mail.web_push_vapid_public_key') \
         OR key LIKE 'database.expiration\\_%' OR key LIKE 'database.already\\_linked\\_%'",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes what only the database that it was set in may have: credentials, addresses and a tenant's standing. What is
/// only switched on or off, or counted, is none of them. Returns how many were removed.
pub(crate) async fn remove_secrets(connection: &mut PgConnection) -> Result<u64, NodeError> {
    let done = sqlx::query(
        "DELETE FROM ir_config_parameter WHERE NOT key LIKE 'database.%' AND key <> $1 AND (key LIKE 'tenant.%' \
         OR key IN ('report.url', 'mail.catchall.domain', 'mail.bounce.alias', 'mail.catchall.alias', 'mail.default.from') \
         OR value ~ '@[^ ]+[.]' \
         OR key ~* '(passw|secret|token|api[._]?key|private[._]?key|access[._]?key|client[._]?id|credential|account[._]sid)' \
            AND value !~* '^(true|false|[0-9]{1,9}|)$')",
    )
    .bind(BASE_URL)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
