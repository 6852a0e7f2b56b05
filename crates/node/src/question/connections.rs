//! Who is connected to a database, and what they do.

use super::moment;
use crate::error::NodeError;
use crate::room::Room;
use domain::statement_text::without_literals;
use sqlx::Row;
use sqlx::postgres::PgRow;
use wire::database::{ConnectionList, ConnectionView};

/// How many are told of.
const MOST: i64 = 100;

/// Sessions of the database of this number, and processes that PostgreSQL itself has there. One can be ended that is somebody's, and
/// neither a superuser's, whom the node may not end, nor its own.
const SESSIONS: &str = "SELECT a.pid, (extract(epoch FROM a.backend_start) * 1000000)::bigint AS started, \
     coalesce(a.usename::text, a.backend_type) AS role, a.application_name AS application, host(a.client_addr) AS client, a.state, \
     (extract(epoch FROM a.state_change) * 1000000)::bigint AS changed, (extract(epoch FROM a.xact_start) * 1000000)::bigint AS transaction, \
     CASE WHEN a.state <> 'idle' THEN a.wait_event_type || ': ' || a.wait_event END AS wait, pg_blocking_pids(a.pid) AS blockers, a.query, \
     a.backend_type = 'client backend' AND NOT coalesce(r.rolsuper, true) AND a.usename <> current_user AS may_end \
     FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid \
     WHERE a.datid = $1::bigint::oid AND a.backend_start IS NOT NULL ORDER BY a.backend_start, a.pid LIMIT $2";

/// The sessions of the database of this number.
pub(super) async fn look(room: &Room, oid: i64) -> Result<ConnectionList, NodeError> {
    let pool = &room.journal.pool;
    let rows = sqlx::query(SESSIONS).bind(oid).bind(MOST).fetch_all(pool).await?;
    let whole = sqlx::query(
        "SELECT current_setting('max_connections')::bigint AS most, \
         (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used",
    )
    .fetch_one(pool)
    .await?;
    Ok(ConnectionList {
        most: whole.try_get("most")?,
        in_cluster: whole.try_get("used")?,
        items: rows
            .iter()
            .filter_map(|row| session(row).transpose())
            .collect::<sqlx::Result<_>>()?,
    })
}

fn session(row: &PgRow) -> sqlx::Result<Option<ConnectionView>> {
    let Some(started_at) = moment(row, "started")? else {
        return Ok(None);
    };
    let query: Option<String> = row.try_get("query")?;
    let query = query.map(|query| without_literals(&query));
    Ok(Some(ConnectionView {
        pid: row.try_get("pid")?,
        started_at,
        user: row.try_get("role")?,
        application: row
            .try_get::<Option<String>, _>("application")?
            .unwrap_or_default(),
        client: row.try_get("client")?,
        state: row.try_get("state")?,
        state_since: moment(row, "changed")?,
        transaction_since: moment(row, "transaction")?,
        wait: row.try_get("wait")?,
        blocked_by: row.try_get("blockers")?,
        query: query.filter(|query| !query.is_empty()),
        may_end: row.try_get("may_end")?,
    }))
}
