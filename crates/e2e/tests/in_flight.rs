//! What is under way when a tenant is closed: requests that passed the edge before, and the backup.

use anyhow::{Context as _, Result, ensure};
use e2e::{Installation, Page, Visitor, eventually, unique};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};

const PASSWORD: &str = "a good long password";
/// Odoo has two workers; more requests than that wait.
const LONG: usize = 3;
const WAITING: usize = 6;

type Answer = Result<Page>;

async fn change(installation: &Installation, name: &str, verb: &str) -> Result<()> {
    let path = format!("/api/tenants/{name}/{verb}");
    let api = installation.api()?;
    api.ask(Method::POST, &path, Some(&json!({})))
        .await?
        .expect(200)?;
    Ok(())
}

/// How many connections are open to Odoo, as the system counts them.
fn connections_to_odoo(installation: &Installation) -> Result<usize> {
    let port: u16 = installation
        .odoo()
        .rsplit(':')
        .next()
        .context("no port")?
        .trim_end_matches('/')
        .parse()?;
    let remote = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let open = |line: &&str| {
        let mut words = line.split_whitespace().skip(2);
        words.next().is_some_and(|address| address.ends_with(&remote)) && words.next() == Some("01")
    };
    Ok(table.lines().filter(open).count())
}

/// Keeps whatever reads contacts waiting.
async fn hold_contacts(installation: &Installation, name: &str) -> Result<PgConnection> {
    let mut holding = installation.postgres().connect(name).await?;
    holding
        .execute("BEGIN; LOCK TABLE res_partner IN ACCESS EXCLUSIVE MODE")
        .await?;
    Ok(holding)
}

fn count_contacts(mut visitor: Visitor) -> JoinHandle<Answer> {
    tokio::spawn(async move { visitor.call("res.partner", "search_count", json!([[]])).await })
}

/// Everybody who waits, each with another page; two of them are strangers.
fn ask_for_pages(inside: &[Visitor], stranger: &Visitor) -> JoinSet<Answer> {
    let pages = ["/odoo", "/web", "/web/login", "/"];
    let mut asking = JoinSet::new();
    for (visitor, page) in inside.iter().zip(pages.into_iter().cycle()) {
        let mut visitor = visitor.clone();
        asking.spawn(async move { visitor.get(page).await });
    }
    for page in ["/web/login", "/odoo"] {
        let mut visitor = stranger.clone();
        asking.spawn(async move { visitor.get(page).await });
    }
    asking
}

#[tokio::test]
async fn whoever_waits_while_a_tenant_is_closed_keeps_the_session_and_meets_no_selector() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("queue"));
    api.create(&name, PASSWORD).await?;
    let mut inside = Vec::new();
    for _ in 0..LONG + WAITING {
        let mut visitor = installation.visitor(&name)?;
        ensure!(
            visitor
                .log_in(&format!("ana@{name}.example.com"), PASSWORD)
                .await?,
            "not in"
        );
        inside.push(visitor);
    }
    let (long, waiting) = inside.split_at(LONG);
    // Its work by the clock would wait for the same lock.
    let rest = "UPDATE ir_cron SET active = false";
    installation.postgres().run(&name, rest).await?;
    let holding = hold_contacts(&installation, &name).await?;
    let counting: Vec<_> = long.iter().cloned().map(count_contacts).collect();
    let waits = format!(
        "SELECT count(*)::text FROM pg_stat_activity WHERE datname = '{name}' AND wait_event_type = 'Lock'"
    );
    eventually(Duration::from_secs(30), "both workers are busy", || async {
        let busy = installation.postgres().text("postgres", &waits).await;
        busy.is_ok_and(|busy| busy == "2")
    })
    .await?;
    let before = connections_to_odoo(&installation)?;
    let mut asking = ask_for_pages(waiting, &installation.visitor(&name)?);
    let wanted = before + asking.len();
    let waits = || async { connections_to_odoo(&installation).is_ok_and(|open| open >= wanted) };
    eventually(Duration::from_secs(30), "all wait behind the edge", waits).await?;

    change(&installation, &name, "suspend").await?;
    let mut answers: Vec<Value> = Vec::new();
    let mut seen = |page: Page| {
        answers.push(json!({
            "status": page.status.as_u16(), "location": page.location, "cookies": page.sets_cookies
        }))
    };
    while let Some(page) = asking.join_next().await {
        seen(page??);
    }
    for page in counting {
        seen(page.await??);
    }
    holding.close().await?;
    change(&installation, &name, "resume").await?;
    let mut lost = 0;
    for visitor in &mut inside {
        lost += usize::from(!visitor.is_inside().await?);
    }
    ensure!(
        lost == 0,
        "{lost} of {} sessions were lost: {answers:?}",
        inside.len()
    );
    let well = |answer: &Value| {
        answer["cookies"] == false && answer["location"].is_null() && answer["status"] == 503
    };
    ensure!(answers.iter().all(well), "{answers:?}");
    api.remove(&name).await
}

#[tokio::test]
async fn a_backup_that_runs_while_its_tenant_is_closed_is_whole() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("backup"));
    api.create(&name, PASSWORD).await?;
    let kept = "INSERT INTO res_partner (name, active) VALUES ('Kept by the backup', true)";
    installation.postgres().run(&name, kept).await?;
    let holding = hold_contacts(&installation, &name).await?;
    let running = installation.backup(&name)?.spawn()?;
    let waits = format!(
        "SELECT count(*)::text FROM pg_stat_activity WHERE datname = '{name}' AND application_name = 'pg_dump' \
         AND usename = 'tenantry_node' AND wait_event_type = 'Lock'"
    );
    eventually(Duration::from_secs(30), "the backup is under way", || async {
        let waits = installation.postgres().text("postgres", &waits).await;
        waits.is_ok_and(|count| count == "1")
    })
    .await?;
    let path = format!("/api/tenants/{name}/suspend");
    let shut = api
        .ask(Method::POST, &path, Some(&json!({})))
        .await?
        .expect(200)?;
    let operation = format!("/api/operations/{}", shut.text("operation_id"));
    let told = api.send(Method::GET, &operation, &[], None).await?;
    ensure!(
        told.body["facts"]["evidence"]["sessions_left"] == 0,
        "{}",
        told.body
    );
    ensure!(
        installation.visitor(&name)?.get("/web/login").await?.status == 402,
        "not closed"
    );
    holding.close().await?;
    let dump = running.wait_with_output().await?;
    ensure!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    ensure!(
        String::from_utf8_lossy(&dump.stdout).contains("Kept by the backup"),
        "it has no rows"
    );
    api.remove(&name).await
}
