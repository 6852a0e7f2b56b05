//! What takes long in a database, where PostgreSQL keeps count of it.

use super::{enter, leave};
use crate::error::NodeError;
use crate::managed::Managed;
use crate::room::Room;
use crate::statement;
use domain::statement_text::without_literals;
use sqlx::{PgConnection, Row};
use wire::database::{StatementList, StatementView};

/// How many are told of.
const MOST: i64 = 30;

/// Counts are the cluster's, and can be read where the extension's view is: in the tenant's database or in the journal's. Whose
/// statement it was may read its text, so it is read as Odoo's role.
pub(super) async fn look(room: &Room, tenant: &Managed, oid: i64) -> Result<StatementList, NodeError> {
    let mut session = enter(room, tenant).await?;
    let mut is_there = has_view(&mut session).await?;
    if !is_there {
        leave(session).await?;
        session = room.connect(&room.settings.cluster.journal).await?;
        is_there = has_view(&mut session).await?;
    }
    let found = match is_there {
        true => read(room, &mut session, oid).await?,
        false => None,
    };
    leave(session).await?;
    Ok(StatementList {
        available: found.is_some(),
        items: found.unwrap_or_default(),
    })
}

/// Looks for the view, and has it found by its name alone: PostgreSQL quotes the schema itself.
async fn has_view(session: &mut PgConnection) -> sqlx::Result<bool> {
    let row = sqlx::query(
        "SELECT set_config('search_path', quote_ident(n.nspname) || ', pg_catalog', false) \
         FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'",
    )
    .fetch_optional(session)
    .await?;
    Ok(row.is_some())
}

async fn read(
    room: &Room,
    session: &mut PgConnection,
    oid: i64,
) -> Result<Option<Vec<StatementView>>, NodeError> {
    statement::become_role(&mut *session, &room.journal.roles.odoo).await?;
    let rows = sqlx::query(
        "SELECT query, calls, round(total_exec_time)::bigint AS total, round(mean_exec_time * 1000)::bigint AS mean, rows \
         FROM pg_stat_statements WHERE dbid = $1::bigint::oid AND query <> '<insufficient privilege>' \
         ORDER BY total_exec_time DESC LIMIT $2",
    )
    .bind(oid)
    .bind(MOST)
    .fetch_all(session)
    .await;
    let rows = match rows {
        Ok(rows) => rows,
        // The extension is there, and its library was not loaded with PostgreSQL.
        Err(error)
            if error
                .as_database_error()
                .is_some_and(|error| error.code().as_deref() == Some("55000")) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let statements = rows.iter().map(|row| {
        Ok(StatementView {
            query: without_literals(&row.try_get::<String, _>("query")?),
            calls: row.try_get("calls")?,
            total_ms: row.try_get("total")?,
            mean_us: row.try_get("mean")?,
            rows: row.try_get("rows")?,
        })
    });
    Ok(Some(statements.collect::<sqlx::Result<_>>()?))
}
