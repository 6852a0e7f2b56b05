//! Modules that a database of Odoo has installed.

use crate::error::NodeError;
use sqlx::{PgConnection, Row};

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
