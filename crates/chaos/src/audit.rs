//! What must be true when everything is whole again: on both sides, in files, and in what the clients were told.

use crate::client::Wanted;
use crate::member::Member;
use crate::report::Report;
use crate::site::Site;
use anyhow::{Context as _, Result};
use sqlx::types::Uuid;
use sqlx::{Connection as _, PgConnection, Row as _};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;
use testkit::eventually;

/// How long background work, such as filling pools and dropping what was undone, may go on.
const SETTLING: Duration = Duration::from_secs(60);
/// The databases that belong to no tenant.
const OWN: [&str; 4] = ["postgres", "template0", "template1", "tenantry_journal"];

/// A tenant as the control plane has it.
struct Row {
    id: Uuid,
    subdomain: String,
    database: String,
    state: String,
    node: String,
}

impl Row {
    /// The name of its database on the node.
    fn on_node(&self) -> String {
        if self.state == "deleted" {
            format!("tenantry_tomb_{}", self.id.simple())
        } else {
            self.database.clone()
        }
    }

    fn marker(&self) -> Option<&'static str> {
        match self.state.as_str() {
            "active" => Some("active"),
            "suspended" => Some("suspended"),
            _ => None,
        }
    }
}

/// A database as a node's cluster has it.
struct Found {
    owner: String,
    identity: Option<(String, String)>,
}

/// Looks everywhere and writes what is wrong into the report.
///
/// # Errors
/// When it cannot look.
pub(crate) async fn look(site: &Site, report: &mut Report) -> Result<()> {
    let url = site.superuser();
    // Copies are dropped after the last word of whoever confirmed them. What stays open is told below.
    let _: Result<(), _> = eventually(SETTLING, || async {
        let Ok(mut control) = PgConnection::connect(url.as_str()).await else {
            return false;
        };
        let open = "SELECT count(*) FROM operation WHERE finished_at IS NULL";
        sqlx::query_scalar::<_, i64>(open)
            .fetch_one(&mut control)
            .await
            .is_ok_and(|open| open == 0)
    })
    .await;
    let mut control = PgConnection::connect(url.as_str()).await?;
    operations(&mut control, report).await?;
    let rows = tenants(&mut control).await?;
    promises(&rows, report);
    moving(&mut control, report).await?;
    let copies = copies(&mut control).await?;
    report.copies = copies.len();
    let mut identities: BTreeMap<String, String> = BTreeMap::new();
    for member in &site.members {
        settle(member, report).await?;
        let own: Vec<&Row> = rows.iter().filter(|row| row.node == member.name).collect();
        let databases = databases(member).await?;
        each_side(member, &own, &databases, report);
        let kept: BTreeSet<String> = copies
            .iter()
            .filter(|copy| copy.node == member.name)
            .map(Copy::database)
            .collect();
        for copy in kept.iter().filter(|copy| !databases.contains_key(*copy)) {
            report
                .violations
                .push(format!("{} should keep {copy}, and has it not", member.name));
        }
        leftovers(member, &own, &kept, &databases, report).await?;
        // A ready clone has its template's identity until a tenant takes it.
        let tenants: BTreeSet<String> = own.iter().map(|row| row.on_node()).collect();
        for (name, found) in databases.iter().filter(|(name, _)| tenants.contains(*name)) {
            for part in found.identity.iter().flat_map(|(uuid, secret)| [uuid, secret]) {
                if let Some(other) = identities.insert(part.clone(), format!("{name} on {}", member.name)) {
                    report
                        .violations
                        .push(format!("{name} on {} has the identity of {other}", member.name));
                }
            }
        }
    }
    control.close().await?;
    Ok(())
}

/// Every accepted request has its outcome.
async fn operations(control: &mut PgConnection, report: &mut Report) -> Result<()> {
    let rows = sqlx::query("SELECT id, state, kind, subject FROM operation")
        .fetch_all(control)
        .await?;
    let mut known = BTreeSet::new();
    for row in rows {
        let (id, state): (Uuid, String) = (row.get("id"), row.get("state"));
        let kind: String = row.get("kind");
        known.insert(id.simple().to_string());
        let [done, failed] = report.kinds.entry(kind.clone()).or_default();
        match state.as_str() {
            "succeeded" => *done += 1,
            "failed" => *failed += 1,
            _ => {}
        }
        if !["succeeded", "failed"].contains(&state.as_str()) {
            let subject: String = row.get("subject");
            report
                .violations
                .push(format!("{kind} of {subject} is still {state}"));
        }
    }
    for operation in &report.told.operations {
        let id = operation.trim_start_matches("ope_").replace('-', "");
        if !known.contains(&id) {
            report
                .violations
                .push(format!("{operation} was accepted and is gone"));
        }
    }
    Ok(())
}

/// What a moved tenant left on a node.
struct Copy {
    tenant: Uuid,
    node: String,
}

impl Copy {
    /// The name of its database there.
    fn database(&self) -> String {
        format!("tenantry_kept_{}", self.tenant.simple())
    }
}

async fn copies(control: &mut PgConnection) -> Result<Vec<Copy>> {
    let rows = sqlx::query("SELECT tenant_id, node.name FROM relocation JOIN node ON node.id = from_node_id WHERE state = 'kept'")
        .fetch_all(control)
        .await?;
    let copy = |row: sqlx::postgres::PgRow| Copy {
        tenant: row.get(0),
        node: row.get(1),
    };
    Ok(rows.into_iter().map(copy).collect())
}

/// Nothing is on its way, no drain is under way, and every node takes tenants again.
async fn moving(control: &mut PgConnection, report: &mut Report) -> Result<()> {
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT 'the move of ' || subdomain || ' is ' || state FROM relocation WHERE state IN ('moving', 'dropping')
         UNION ALL SELECT 'transfer ' || id || ' is open' FROM transfer WHERE ended_at IS NULL
         UNION ALL SELECT 'drain ' || id || ' is open' FROM drain WHERE ended_at IS NULL
         UNION ALL SELECT 'job ' || kind || ' is ' || status FROM job WHERE operation_id IS NOT NULL AND finished_at IS NULL
         UNION ALL SELECT name || ' is ' || mode FROM node WHERE mode <> 'active'
         UNION ALL SELECT t.subdomain || ' is where it did not go' FROM tenant t JOIN LATERAL (
             SELECT r.state, r.from_node_id, r.to_node_id FROM relocation r WHERE r.tenant_id = t.id
             ORDER BY r.began_at DESC LIMIT 1) last ON true
             WHERE t.node_id <> CASE last.state WHEN 'undone' THEN last.from_node_id ELSE last.to_node_id END",
    )
    .fetch_all(control)
    .await?;
    report.violations.extend(left);
    Ok(())
}

async fn tenants(control: &mut PgConnection) -> Result<Vec<Row>> {
    let rows = sqlx::query("SELECT tenant.id, subdomain, database_name, state, node.name FROM tenant JOIN node ON node.id = node_id")
        .fetch_all(control)
        .await?;
    let row = |row: sqlx::postgres::PgRow| Row {
        id: row.get(0),
        subdomain: row.get(1),
        database: row.get(2),
        state: row.get(3),
        node: row.get(4),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Whoever was told "done" finds it so, and what failed left nothing.
fn promises(rows: &[Row], report: &mut Report) {
    let told = report.told.tenants.clone();
    let there: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.subdomain.as_str(), row)).collect();
    for (name, wanted) in &told {
        let wanted = match wanted {
            Wanted::Active => "active",
            Wanted::Suspended => "suspended",
            Wanted::Deleted | Wanted::DeletedSuspended => "deleted",
        };
        let found = there.get(name.as_str()).map_or("lost", |row| row.state.as_str());
        if found != wanted {
            report
                .violations
                .push(format!("{name} was promised to be {wanted} and is {found}"));
        }
    }
    for row in rows.iter().filter(|row| !told.contains_key(&row.subdomain)) {
        report.violations.push(format!(
            "{} is {} and nobody was told so",
            row.subdomain, row.state
        ));
    }
}

/// Waits until the node has undone, dropped and filled what it had to.
async fn settle(member: &Member, report: &mut Report) -> Result<()> {
    let url = member.superuser("tenantry_journal");
    let quiet = eventually(SETTLING, || async {
        let Ok(mut journal) = PgConnection::connect(url.as_str()).await else {
            return false;
        };
        let open = "SELECT (SELECT count(*) FROM command WHERE state IN ('running', 'undoing'))
                        + (SELECT count(*) FROM managed_database WHERE standing IN ('building', 'maintenance'))";
        sqlx::query_scalar::<_, i64>(open)
            .fetch_one(&mut journal)
            .await
            .is_ok_and(|open| open == 0)
    });
    if quiet.await.is_err() {
        report.violations.push(format!(
            "{} is not done after {} s",
            member.name,
            SETTLING.as_secs()
        ));
    }
    Ok(())
}

async fn databases(member: &Member) -> Result<BTreeMap<String, Found>> {
    let mut cluster = PgConnection::connect(member.superuser("postgres").as_str()).await?;
    let rows = sqlx::query(
        "SELECT datname::text, rolname::text FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba",
    )
    .fetch_all(&mut cluster)
    .await?;
    cluster.close().await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let (name, owner): (String, String) = (row.get(0), row.get(1));
        if !OWN.contains(&name.as_str()) {
            let identity = identity(member, &name).await;
            found.insert(name, Found { owner, identity });
        }
    }
    Ok(found)
}

/// What must be different in every database; nothing of one that takes no connections, as a template does.
async fn identity(member: &Member, database: &str) -> Option<(String, String)> {
    let mut connection = PgConnection::connect(member.superuser(database).as_str())
        .await
        .ok()?;
    let query = "SELECT (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'),
                        (SELECT value FROM ir_config_parameter WHERE key = 'database.secret')";
    let row = sqlx::query(query).fetch_optional(&mut connection).await.ok()??;
    Some((row.try_get(0).ok()?, row.try_get(1).ok()?))
}

/// Control plane, cluster, files and markers say the same.
fn each_side(member: &Member, own: &[&Row], databases: &BTreeMap<String, Found>, report: &mut Report) {
    let wrong = &mut report.violations;
    for row in own {
        let name = row.on_node();
        let Some(found) = databases.get(&name) else {
            wrong.push(format!(
                "{} is {} and {} has no database {name}",
                row.subdomain, row.state, member.name
            ));
            continue;
        };
        if (found.owner == "odoo") != (row.state == "active") {
            wrong.push(format!(
                "{} is {} and {name} belongs to {}",
                row.subdomain, row.state, found.owner
            ));
        }
        if !member.folder.join("odoo/filestore").join(&name).is_dir() {
            wrong.push(format!("{} has no files", row.subdomain));
        }
        for folder in ["active", "suspended", "paused", "restricted", "maintenance"] {
            let there = member
                .folder
                .join("hosts")
                .join(folder)
                .join(&row.database)
                .exists();
            if there != (row.marker() == Some(folder)) {
                let what = if there { "has" } else { "lacks" };
                wrong.push(format!(
                    "{} is {} and {what} the marker {folder}",
                    row.subdomain, row.state
                ));
            }
        }
    }
}

/// Nothing is there that belongs to nobody.
async fn leftovers(
    member: &Member,
    own: &[&Row],
    kept: &BTreeSet<String>,
    databases: &BTreeMap<String, Found>,
    report: &mut Report,
) -> Result<()> {
    let mut journal = PgConnection::connect(member.superuser("tenantry_journal").as_str()).await?;
    let rows = sqlx::query("SELECT name, standing FROM managed_database")
        .fetch_all(&mut journal)
        .await?;
    journal.close().await?;
    let mut known: BTreeSet<String> = own.iter().map(|row| row.on_node()).collect();
    known.extend(kept.iter().cloned());
    for row in rows {
        let (name, standing): (String, String) = (row.get(0), row.get(1));
        // The pool goes on being filled; what the killed had begun was cleared away before.
        let filling = standing == "building" && name.starts_with("tenantry_pool_");
        if filling || ["template", "pooled", "replaced"].contains(&standing.as_str()) {
            known.insert(name);
        } else if kept.contains(&name) && standing != "kept" {
            report
                .violations
                .push(format!("{} should keep {name}, which is {standing}", member.name));
        } else if !known.contains(&name) {
            report
                .violations
                .push(format!("the journal of {} has {name} as {standing}", member.name));
        }
    }
    for name in databases.keys().filter(|name| !known.contains(*name)) {
        report.violations.push(format!(
            "{} has a database {name} that belongs to nobody",
            member.name
        ));
    }
    for name in entries(&member.folder.join("odoo/filestore"))? {
        if !known.contains(&name) {
            report
                .violations
                .push(format!("{} has files {name} that belong to nobody", member.name));
        }
    }
    let live: BTreeSet<&str> = own.iter().map(|row| row.database.as_str()).collect();
    for folder in ["active", "suspended", "paused", "restricted", "maintenance"] {
        for name in entries(&member.folder.join("hosts").join(folder)).unwrap_or_default() {
            if !live.contains(name.as_str()) {
                report.violations.push(format!(
                    "{} has a marker {folder}/{name} that belongs to nobody",
                    member.name
                ));
            }
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<String>> {
    let list = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    list.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}
