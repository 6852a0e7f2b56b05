//! Looks at a closed tenant from outside: what the edge answers, and what Odoo could do with its database.

use crate::error::{Code, StepFailure};
use crate::managed::{Managed, Standing};
use crate::room::Room;
use sqlx::Row;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::node::Evidence;

/// How long the edge may take to answer, and to see a marker: it looks at each request.
const EDGE_PATIENCE: Duration = Duration::from_secs(2);
const EDGE_PAUSE: Duration = Duration::from_millis(20);
/// Closed in every form of being closed.
const PATH: &str = "/web/login";

/// Gathers the evidence that the tenant is closed.
///
/// # Errors
/// [`Code::EdgeStillOpen`] when the edge lets visitors in all the same, [`Code::CheckFailed`] when Odoo could use the
/// database.
pub(crate) async fn look(
    room: &Room,
    tenant: &Managed,
    sessions_ended: u64,
) -> Result<Evidence, StepFailure> {
    let edge_status = ask_edge(room, tenant).await?;
    let row = sqlx::query(
        "SELECT has_database_privilege($1, $2::bigint::oid, 'CONNECT') AS may_connect, \
         EXISTS (SELECT FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE pg_database.oid = $2::bigint::oid \
                 AND rolname = $1 AND NOT datistemplate AND datallowconn) AS lists, \
         (SELECT count(*) FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid \
          WHERE datid = $2::bigint::oid AND pid <> pg_backend_pid() AND NOT rolsuper AND rolname <> current_user) AS sessions",
    )
    .bind(room.journal.roles.odoo.as_str())
    .bind(tenant.oid)
    .fetch_one(&room.journal.pool)
    .await?;
    let sessions: i64 = row.try_get("sessions")?;
    let found = Evidence {
        edge_status,
        odoo_may_connect: row.try_get("may_connect")?,
        odoo_lists_it: row.try_get("lists")?,
        sessions_ended,
        sessions_left: sessions.unsigned_abs(),
    };
    let usable = found.odoo_may_connect || found.odoo_lists_it || found.sessions_left > 0;
    if usable && !tenant.standing.is_odoo_s() {
        let detail = "Odoo could still use the database. Look at its owner, its rights and pg_stat_activity.";
        return Err(StepFailure::new(Code::CheckFailed, detail));
    }
    Ok(found)
}

/// What the edge answers for the tenant's host; nothing where there is none, or it does not answer.
async fn ask_edge(room: &Room, tenant: &Managed) -> Result<Option<u16>, StepFailure> {
    let Some(edge) = &room.settings.edge else {
        return Ok(None);
    };
    let wanted = match tenant.standing {
        Standing::Paused => 503,
        _ => 402,
    };
    let host = format!("{}.{}", tenant.name.as_str().replace('_', "-"), edge.domain);
    let mut address = edge.url.clone();
    address.set_path(PATH);
    let deadline = Instant::now() + EDGE_PATIENCE;
    loop {
        let request = room.http.get(address.clone()).header("Host", &host);
        let request = request.timeout(EDGE_PATIENCE);
        let Ok(answer) = request.send().await else {
            return Ok(None);
        };
        let status = answer.status().as_u16();
        if status == wanted {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            let detail = format!(
                "The edge answers {status} for {host} and not {wanted}. Look whether it reads {}.",
                room.settings.hosts_dir.display()
            );
            return Err(StepFailure::new(Code::EdgeStillOpen, detail));
        }
        sleep(EDGE_PAUSE).await;
    }
}
