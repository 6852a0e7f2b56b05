//! Looks at a tenant from outside: what the edge answers, and what Odoo can do with its database. Nobody is told that a
//! tenant is closed, or open again, before that was seen.

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
const CLOSED_PATH: &str = "/web/login";
/// Odoo gives it out without opening any database.
const OPEN_PATH: &str = "/web/static/img/favicon.ico";

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
    let found = at_database(room, tenant, edge_status, sessions_ended).await?;
    let usable = found.odoo_may_connect || found.odoo_lists_it || found.sessions_left > 0;
    if usable && !tenant.standing.is_odoo_s() {
        let detail = "Odoo could still use the database. Look at its owner, its rights and pg_stat_activity.";
        return Err(StepFailure::new(Code::CheckFailed, detail));
    }
    Ok(found)
}

/// Gathers the evidence that the tenant is open again.
///
/// # Errors
/// [`Code::EdgeStillClosed`] when the edge keeps visitors out all the same, [`Code::CheckFailed`] when Odoo cannot use
/// the database.
pub(crate) async fn look_at_open(room: &Room, tenant: &Managed) -> Result<Evidence, StepFailure> {
    let edge_status = ask_edge(room, tenant).await?;
    let found = at_database(room, tenant, edge_status, 0).await?;
    if found.odoo_may_connect && found.odoo_lists_it {
        return Ok(found);
    }
    let detail = "Odoo cannot use the database. Look at its owner and its rights.";
    Err(StepFailure::new(Code::CheckFailed, detail))
}

async fn at_database(
    room: &Room,
    tenant: &Managed,
    edge_status: Option<u16>,
    sessions_ended: u64,
) -> Result<Evidence, StepFailure> {
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
    Ok(Evidence {
        edge_status,
        odoo_may_connect: row.try_get("may_connect")?,
        odoo_lists_it: row.try_get("lists")?,
        sessions_ended,
        sessions_left: sessions.unsigned_abs(),
    })
}

/// Whether this is what the edge answers for a tenant of this standing.
fn is_right(standing: Standing, status: u16) -> bool {
    match standing {
        // Odoo's own answer, or that there is none: either way the visitor was let through.
        Standing::Open => !matches!(status, 402 | 404 | 503),
        Standing::Paused | Standing::Maintenance => status == 503,
        Standing::Arriving | Standing::Kept => status == 404,
        _ => status == 402,
    }
}

/// What the edge answers for the tenant's host; nothing where there is none, or it does not answer.
async fn ask_edge(room: &Room, tenant: &Managed) -> Result<Option<u16>, StepFailure> {
    let Some(edge) = &room.settings.edge else {
        return Ok(None);
    };
    let is_open = tenant.standing == Standing::Open;
    let host = format!("{}.{}", tenant.name.as_str().replace('_', "-"), edge.domain);
    let mut address = edge.url.clone();
    address.set_path(if is_open { OPEN_PATH } else { CLOSED_PATH });
    let deadline = Instant::now() + EDGE_PATIENCE;
    loop {
        let request = room.http.get(address.clone()).header("Host", &host);
        let request = request.timeout(EDGE_PATIENCE);
        let Ok(answer) = request.send().await else {
            return Ok(None);
        };
        let status = answer.status().as_u16();
        if is_right(tenant.standing, status) {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            let detail = format!(
                "The edge answers {status} for {host}. Look whether it reads {}.",
                room.settings.hosts_dir.display()
            );
            let code = if is_open {
                Code::EdgeStillClosed
            } else {
                Code::EdgeStillOpen
            };
            return Err(StepFailure::new(code, detail));
        }
        sleep(EDGE_PAUSE).await;
    }
}
