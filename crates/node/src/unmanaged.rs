//! The databases of the cluster that nobody manages: looked at, never touched.
//!
//! Looking into one takes a session of its own, so that what was seen is kept: it is looked at anew when its number, owner
//! or size has changed, and otherwise now and then.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::room::Room;
use jiff::Timestamp;
use sqlx::{Connection, PgConnection, Row, postgres::PgRow};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use wire::node::Unmanaged;

/// For how long what was seen counts while nothing shows that it has changed.
const KEPT: Duration = Duration::from_secs(600);

/// By what a change shows without looking into a database: its number, whether it can be looked into, and what is told of
/// it in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    oid: i64,
    owner: String,
    size: i64,
    closed: bool,
    may_connect: bool,
}

/// What was seen of late, by name.
#[derive(Default)]
pub(crate) struct Seen(Mutex<HashMap<String, (Sign, Instant, Unmanaged)>>);

impl Seen {
    fn last(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Sign, Instant, Unmanaged)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn still(&self, name: &str, sign: &Sign) -> Option<Unmanaged> {
        let last = self.last();
        let (known, at, found) = last.get(name)?;
        (known == sign && at.elapsed() < KEPT).then(|| found.clone())
    }
}

/// Databases that the node's role may look into or that belong to Odoo's; the control plane's own, which may share the
/// cluster, is not among them.
const CANDIDATES: &str = "SELECT datname::text AS name, rolname::text AS owner, d.oid::bigint AS oid, \
     pg_database_size(d.oid) AS size, datistemplate OR NOT datallowconn AS closed, \
     rolname = $1 AS is_odoo_s, has_database_privilege(d.oid, 'CONNECT') AS may_connect \
     FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba \
     WHERE NOT EXISTS (SELECT FROM managed_database m WHERE m.name = d.datname OR m.oid = d.oid::bigint) \
     AND datname <> current_database() AND datname NOT IN ('postgres', 'template0', 'template1') \
     AND datname NOT LIKE 'tenantry\\_%' AND (rolname = $1 OR has_database_privilege(d.oid, 'CONNECT'))";

/// All of them, with what they look like.
pub(crate) async fn look(room: &Room) -> Result<Vec<Unmanaged>, NodeError> {
    let text = sqlx::AssertSqlSafe(format!("{CANDIDATES} ORDER BY datname"));
    let rows = sqlx::query(text)
        .bind(room.journal.roles.odoo.as_str())
        .fetch_all(&room.journal.pool)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    let mut seen = HashSet::with_capacity(rows.len());
    for row in &rows {
        let (name, sign): (String, Sign) = (row.try_get("name")?, sign(row)?);
        let one = match room.unmanaged.still(&name, &sign) {
            Some(one) => one,
            None => {
                let one = describe(room, row).await?;
                room.unmanaged
                    .last()
                    .insert(name.clone(), (sign, Instant::now(), one.clone()));
                one
            }
        };
        seen.insert(name);
        found.push(one);
    }
    room.unmanaged.last().retain(|name, _| seen.contains(name));
    Ok(found)
}

/// One of them.
pub(crate) async fn look_at(room: &Room, name: &Identifier) -> Result<Option<Unmanaged>, NodeError> {
    let text = sqlx::AssertSqlSafe(format!("{CANDIDATES} AND datname = $2"));
    let row = sqlx::query(text)
        .bind(room.journal.roles.odoo.as_str())
        .bind(name.as_str())
        .fetch_optional(&room.journal.pool)
        .await?;
    match row {
        Some(row) => Ok(Some(describe(room, &row).await?)),
        None => Ok(None),
    }
}

/// Whether everybody may connect to the database.
pub(crate) async fn is_public(room: &Room, oid: i64) -> Result<bool, NodeError> {
    let row = sqlx::query("SELECT has_database_privilege('public', $1::bigint::oid, 'CONNECT')")
        .bind(oid)
        .fetch_one(&room.journal.pool)
        .await?;
    Ok(row.try_get(0)?)
}

fn sign(row: &PgRow) -> Result<Sign, NodeError> {
    Ok(Sign {
        oid: row.try_get("oid")?,
        owner: row.try_get("owner")?,
        size: row.try_get("size")?,
        closed: row.try_get("closed")?,
        may_connect: row.try_get("may_connect")?,
    })
}

async fn describe(room: &Room, row: &PgRow) -> Result<Unmanaged, NodeError> {
    let name: String = row.try_get("name")?;
    let (is_closed, is_odoo_s, may_connect): (bool, bool, bool) = (
        row.try_get("closed")?,
        row.try_get("is_odoo_s")?,
        row.try_get("may_connect")?,
    );
    let mut found = Unmanaged {
        owner: row.try_get("owner")?,
        size_bytes: row.try_get("size")?,
        odoo_version: None,
        users: None,
        last_login_at: None,
        obstacle: None,
        database: name,
    };
    if is_closed || !may_connect {
        found.obstacle = Some("The node cannot connect to it.".to_owned());
        return Ok(found);
    }
    let Ok(identifier) = found.database.parse::<Identifier>() else {
        found.obstacle = Some("Its name has other characters than a-z, 0-9 and _.".to_owned());
        return Ok(found);
    };
    match room.connect(&identifier).await {
        Ok(mut connection) => {
            let read = read(&mut connection, &mut found).await;
            connection.close().await?;
            if read.is_err() {
                found.obstacle = Some("Its tables cannot be read.".to_owned());
            }
        }
        Err(_) => found.obstacle = Some("The node cannot connect to it.".to_owned()),
    }
    if found.obstacle.is_none() && !is_odoo_s {
        let role = &room.journal.roles.odoo;
        found.obstacle = Some(format!("It belongs to {}; give it to {role} first.", found.owner));
    }
    Ok(found)
}

async fn read(connection: &mut PgConnection, found: &mut Unmanaged) -> Result<(), NodeError> {
    let is_odoo: bool = sqlx::query(
        "SELECT to_regclass('ir_module_module') IS NOT NULL AND to_regclass('res_users') IS NOT NULL",
    )
    .fetch_one(&mut *connection)
    .await?
    .try_get(0)?;
    if !is_odoo {
        found.obstacle = Some("It is not one of Odoo's.".to_owned());
        return Ok(());
    }
    let row = sqlx::query(
        "SELECT (SELECT latest_version FROM ir_module_module WHERE name = 'base') AS version, \
         (SELECT count(*) FROM res_users WHERE active AND NOT coalesce(share, false)) AS users, \
         to_regclass('res_users_log') IS NOT NULL AS has_log",
    )
    .fetch_one(&mut *connection)
    .await?;
    let version: Option<String> = row.try_get("version")?;
    found.odoo_version = version.map(|version| short(&version));
    found.users = Some(row.try_get("users")?);
    if row.try_get("has_log")? {
        // Odoo keeps times without a zone, in UTC.
        let row =
            sqlx::query("SELECT extract(epoch FROM max(create_date))::bigint AS last FROM res_users_log")
                .fetch_one(connection)
                .await?;
        let last: Option<i64> = row.try_get("last")?;
        found.last_login_at = last.and_then(|second| Timestamp::from_second(second).ok());
    }
    Ok(())
}

/// `19.0.1.3` is 19.0.
fn short(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}
