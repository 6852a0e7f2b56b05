//! What is in a template, as one number that changes when it changes.

use crate::error::NodeError;
use aws_lc_rs::digest::{Context, SHA256};
use sqlx::{PgConnection, Row};
use std::fmt::Write as _;

/// SHA-256 over the installed modules with their versions, the languages and the names of all files, which follow from
/// their content.
pub(crate) async fn digest(connection: &mut PgConnection) -> Result<String, NodeError> {
    let rows = sqlx::query(
        "SELECT line FROM ( \
             SELECT 'module ' || name || ' ' || coalesce(latest_version, '') AS line FROM ir_module_module \
             WHERE state = 'installed' \
             UNION SELECT 'language ' || code FROM res_lang WHERE active \
             UNION SELECT 'file ' || store_fname FROM ir_attachment WHERE store_fname IS NOT NULL \
         ) AS lines ORDER BY line COLLATE \"C\"",
    )
    .fetch_all(connection)
    .await?;
    let mut context = Context::new(&SHA256);
    for row in &rows {
        let line: String = row.try_get("line")?;
        context.update(line.as_bytes());
        context.update(b"\n");
    }
    let mut text = String::with_capacity(64);
    for byte in context.finish().as_ref() {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
