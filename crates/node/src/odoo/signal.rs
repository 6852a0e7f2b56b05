//! Odoo's cache signals: what tells running workers that what they remember of users is old.
//!
//! Versions differ: 14 to 16 have the sequence `base_cache_signaling`, 17 and 18 `base_cache_signaling_default`,
//! 19 the table `orm_signaling_default`. Session tokens are remembered in the cache called default.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::statement;
use sqlx::{PgConnection, Row};

/// Has the workers of a database forget what they remember, session tokens among it.
///
/// Returns how many signals were given; none means a version of Odoo that has no such thing.
pub(crate) async fn forget_sessions(connection: &mut PgConnection) -> Result<usize, NodeError> {
    let rows = sqlx::query(
        "SELECT relname::text AS name, relkind = 'S' AS is_sequence FROM pg_class \
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('S', 'r') \
         AND relname IN ('base_cache_signaling', 'base_cache_signaling_default', 'orm_signaling_default')",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let name: String = row.try_get("name")?;
        if row.try_get("is_sequence")? {
            sqlx::query("SELECT nextval($1::regclass)")
                .bind(&name)
                .execute(&mut *connection)
                .await?;
        } else if let Ok(table) = name.parse::<Identifier>() {
            statement::insert_default(&mut *connection, &table).await?;
        }
    }
    Ok(rows.len())
}

/// Has workers that served another database of this name drop everything they remember of it.
///
/// They tell databases apart by name and by the counter of their last signal, which a clone shares with every other
/// clone: a worker would go on with the other's `database.secret` (tested on 19). A counter far off cures that.
pub(crate) async fn estrange(connection: &mut PgConnection) -> Result<(), NodeError> {
    let rows = sqlx::query(
        "SELECT relname::text AS name, relkind = 'S' AS is_sequence FROM pg_class \
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('S', 'r') \
         AND relname IN ('base_registry_signaling', 'orm_signaling_registry')",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let name: String = row.try_get("name")?;
        // A table's counter is the sequence of its key. Random, so that no two databases meet.
        let counter = if row.try_get("is_sequence")? {
            "$1"
        } else {
            "pg_get_serial_sequence($1, 'id')"
        };
        let text = format!(
            "SELECT setval({counter}::regclass, nextval({counter}::regclass) \
             + floor(random() * 10000000)::bigint)"
        );
        sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(&name)
            .execute(&mut *connection)
            .await?;
        if let (false, Ok(table)) = (row.try_get("is_sequence")?, name.parse::<Identifier>()) {
            statement::insert_default(&mut *connection, &table).await?;
        }
    }
    Ok(())
}
