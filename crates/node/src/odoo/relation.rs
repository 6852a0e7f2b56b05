//! Which of the optional tables and columns a database of Odoo has: modules and versions differ.

use crate::error::NodeError;
use sqlx::{PgConnection, Row};
use std::collections::HashSet;

/// The optional columns that are there, as `table.column`.
pub(crate) struct Columns(HashSet<String>);

impl Columns {
    /// Looks for them in the search path's first schema.
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, NodeError> {
        let rows = sqlx::query(
            // The catalogue itself: information_schema takes ten times as long, and every creation asks.
            "SELECT relname || '.' || attname AS name FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid \
             WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 \
             AND NOT attisdropped AND (relname, attname) IN \
             (('res_partner', 'complete_name'), ('res_partner', 'display_name'), \
              ('res_partner', 'email_normalized'), ('res_company', 'email'), \
              ('res_users', 'totp_secret'), ('website', 'default_lang_id'))",
        )
        .fetch_all(connection)
        .await?;
        let names = rows
            .iter()
            .map(|row| row.try_get("name"))
            .collect::<Result<_, _>>()?;
        Ok(Self(names))
    }

    /// Whether `table.column` is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}
