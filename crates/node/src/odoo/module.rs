//! Modules that a database of Odoo has installed.

use crate::error::NodeError;
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;

/// Which of these modules are not installed.
pub(crate) async fn not_installed(
    connection: &mut PgConnection,
    wanted: &[String],
) -> Result<Vec<String>, NodeError> {
    let rows = sqlx::query(
        "SELECT wanted FROM unnest($1::text[]) AS wanted WHERE NOT EXISTS \
         (SELECT 1 FROM ir_module_module WHERE name = wanted AND state = 'installed')",
    )
    .bind(wanted)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Odoo's version, such as `19.0`, as its module `base` tells it.
pub(crate) async fn odoo_version(connection: &mut PgConnection) -> Result<Option<String>, NodeError> {
    let row = sqlx::query("SELECT latest_version FROM ir_module_module WHERE name = 'base'")
        .fetch_optional(connection)
        .await?;
    let version: Option<String> = row.map(|row| row.try_get(0)).transpose()?.flatten();
    // `19.0.1.3` is series and the module's own version.
    Ok(version.map(|version| version.split('.').take(2).collect::<Vec<_>>().join(".")))
}

/// Whether there is a table of this name among Odoo's.
pub(crate) async fn has_table(connection: &mut PgConnection, name: &str) -> Result<bool, NodeError> {
    let row = sqlx::query("SELECT to_regclass($1) IS NOT NULL AS there")
        .bind(format!("public.{name}"))
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("there")?)
}

/// Modules that are installed, with their versions.
pub(crate) async fn installed(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, Option<String>>, NodeError> {
    let rows = sqlx::query("SELECT name, latest_version FROM ir_module_module WHERE state = 'installed'")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("name")?, row.try_get("latest_version")?)))
        .collect()
}

/// Has a copy do nothing by itself: no work by the clock, no mail in either direction.
pub(crate) async fn silence(connection: &mut PgConnection) -> Result<(), NodeError> {
    deactivate(connection, "ir_cron").await?;
    mute(connection).await
}

/// Switches mail servers off, in both directions.
pub(crate) async fn mute(connection: &mut PgConnection) -> Result<(), NodeError> {
    deactivate(connection, "ir_mail_server").await?;
    deactivate(connection, "fetchmail_server").await
}

async fn deactivate(connection: &mut PgConnection, table: &'static str) -> Result<(), NodeError> {
    match has_table(connection, table).await? {
        true => Ok(crate::statement::deactivate(connection, table).await?),
        false => Ok(()),
    }
}
