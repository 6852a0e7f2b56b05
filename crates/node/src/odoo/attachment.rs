//! `ir_attachment`: which files a database names.

use crate::error::NodeError;
use sqlx::{PgConnection, Row};

/// The files that the database names, each as Odoo writes it: two characters, a slash, the content's SHA-1.
pub(crate) async fn stored_files(connection: &mut PgConnection) -> Result<Vec<String>, NodeError> {
    let rows = sqlx::query(
        "SELECT DISTINCT store_fname::text AS name FROM ir_attachment WHERE store_fname IS NOT NULL",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
}
