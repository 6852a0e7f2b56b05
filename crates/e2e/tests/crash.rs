//! The program killed at any moment of a creation, and started again: the tenant is whole or gone.
//!
//! These tests stop and start the installation under test, so they have it to themselves.

use anyhow::{Context as _, Result, ensure};
use e2e::{Answer, Api, Installation, eventually, unique};
use reqwest::Method;
use serde_json::json;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::task::JoinHandle;

const PASSWORD: &str = "a good long password";
/// Moments after the request, in milliseconds, at which everything is killed, or one process: from a ready clone a
/// creation takes some fifty of them, without one some three hundred.
const MOMENTS: [u64; 7] = [0, 25, 100, 350, 10, 50, 200];

/// These moments, all of them in a long run (`TENANTRY_LONG=1 scripts/test`), otherwise the first so many.
fn moments(all: &[u64], usually: usize) -> &[u64] {
    match std::env::var_os("TENANTRY_LONG") {
        Some(_) => all,
        None => all.get(..usually).unwrap_or(all),
    }
}

/// Kills the whole installation as a power cut would: `up` first, whose children die with it.
async fn kill(installation: &Installation) -> Result<()> {
    let pid = std::fs::read_to_string(installation.path("up.pid"))?
        .trim()
        .to_owned();
    let killed = Command::new("kill").args(["-9", &pid]).status().await?;
    ensure!(killed.success(), "kill -9 {pid} failed");
    let process = format!("/proc/{pid}/stat");
    let gone = || async {
        // A killed process may stay as a zombie until its parent looks.
        std::fs::read_to_string(&process).map_or(true, |stat| stat.contains(") Z "))
    };
    eventually(Duration::from_secs(10), "the killed program is gone", gone).await
}

async fn start(installation: &Installation) -> Result<()> {
    let script =
        std::env::var("TENANTRY_E2E_START").context("TENANTRY_E2E_START is not set; run scripts/test")?;
    let started = Command::new("bash")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await?;
    ensure!(
        started.success(),
        "the installation did not start again; see {}",
        installation.path("log").display()
    );
    Ok(())
}

/// What is left of a tenant: its row, its database under any name, its folder, its marker.
async fn traces(installation: &Installation, name: &str) -> Result<Vec<String>> {
    let mut traces = Vec::new();
    let databases = installation.postgres().databases().await?;
    traces.extend(
        databases
            .into_iter()
            .filter(|database| database == name || database.starts_with("tenantry_new_")),
    );
    // A clone that was taken from the pool keeps its name until it gets the tenant's.
    let taken = "SELECT coalesce(string_agg(name, ','), '') FROM managed_database \
                 WHERE standing = 'building' AND subject NOT SIMILAR TO '(template|backups):%'";
    let taken = installation.postgres().text("tenantry_journal", taken).await?;
    traces.extend((!taken.is_empty()).then_some(taken));
    for folder in [
        "odoo/data/filestore",
        "edge/hosts/active",
        "edge/hosts/maintenance",
    ] {
        let entries = Installation::entries(&installation.path(folder))?;
        let ours = entries
            .into_iter()
            .filter(|entry| entry == name || entry.starts_with("tenantry_new_"));
        traces.extend(ours.map(|entry| format!("{folder}/{entry}")));
    }
    Ok(traces)
}

#[tokio::test]
async fn killed_at_any_moment_the_tenant_is_whole_or_gone() -> Result<()> {
    let installation = Installation::under_test()?;
    let api = installation.api()?;
    for moment in moments(&MOMENTS, 4) {
        let name = unique("crash");
        let asking = ask_for(&api, &name);
        tokio::time::sleep(Duration::from_millis(*moment)).await;
        kill(&installation).await?;
        let answered = asking.await?.is_ok_and(|answer| answer.status == 201);
        start(&installation)
            .await
            .with_context(|| format!("after a kill at {moment} ms"))?;
        is_whole_or_gone(&installation, &name, answered)
            .await
            .with_context(|| format!("everything killed at {moment} ms"))?;
    }
    Ok(())
}

/// Asks for a tenant; tells later what was answered.
fn ask_for(api: &Api, name: &str) -> JoinHandle<Result<Answer>> {
    let body = json!({
        "company_name": "Crash", "admin_email": "ana@example.com", "subdomain": name, "plan": "basic",
        "admin_password": PASSWORD
    });
    let api = api.clone();
    tokio::spawn(async move { api.ask(Method::POST, "/api/tenants", Some(&body)).await })
}

/// Waits until what had been promised has gone on by itself, and looks whether the tenant works or has left nothing.
async fn is_whole_or_gone(installation: &Installation, name: &str, answered: bool) -> Result<()> {
    let (api, path) = (installation.api()?, format!("/api/tenants/{name}"));
    let settled = || async {
        let shown = api.send(Method::GET, &path, &[], None).await;
        shown.is_ok_and(|shown| shown.status == 404 || shown.text("state") == "active")
    };
    eventually(Duration::from_secs(90), "the tenant is whole or gone", settled).await?;
    let shown = api.send(Method::GET, &path, &[], None).await?;
    if shown.status == 404 {
        ensure!(!answered, "answered as done, and gone");
        let left = traces(installation, name).await?;
        ensure!(left.is_empty(), "gone, but left {left:?}");
        return Ok(());
    }
    let served = || async {
        let Ok(mut visitor) = installation.visitor(name) else {
            return false;
        };
        visitor
            .open("/web/login")
            .await
            .is_ok_and(|page| page.status == 200)
    };
    eventually(Duration::from_secs(60), "the new tenant is served", served).await?;
    let in_again = installation
        .visitor(name)?
        .log_in("ana@example.com", PASSWORD)
        .await?;
    ensure!(in_again, "active, but its administrator cannot log in");
    let left = traces(installation, name).await?;
    ensure!(
        !left.iter().any(|trace| trace.contains("tenantry_")),
        "left {left:?}"
    );
    api.remove(name).await
}

#[tokio::test]
async fn one_process_killed_at_any_moment_of_a_creation_leaves_the_tenant_whole_or_gone() -> Result<()> {
    let installation = Installation::under_test()?;
    let api = installation.api()?;
    // The edge has no part in it but the last, and what PostgreSQL does is the same from step to step.
    let victims = [
        ("node", &MOMENTS[..], 4),
        ("postgres", &[25, 0, 100], 1),
        ("edge", &[25], 1),
    ];
    for (victim, all, usually) in victims {
        for moment in moments(all, usually) {
            let name = unique("dies");
            let asking = ask_for(&api, &name);
            tokio::time::sleep(Duration::from_millis(*moment)).await;
            let pid = pid_of(&installation, victim)?;
            Command::new("kill").args(["-9", &pid]).status().await?;
            let answered = asking.await?.is_ok_and(|answer| answer.status == 201);
            is_whole_or_gone(&installation, &name, answered)
                .await
                .with_context(|| format!("{victim} killed at {moment} ms"))?;
            let back = || async { pid_of(&installation, victim).is_ok_and(|now| now != pid) };
            eventually(Duration::from_secs(60), "it was started again", back).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn started_again_everything_is_as_it_was() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("stays"));
    api.create(&name, PASSWORD).await?;
    let login = format!("ana@{name}.example.com");
    let mut inside = installation.visitor(&name)?;
    ensure!(inside.log_in(&login, PASSWORD).await?, "not in");
    let before = api
        .send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
        .await?
        .body;
    let local = std::fs::read_to_string(installation.path("local.json"))?;
    kill(&installation).await?;
    start(&installation).await?;
    ensure!(
        std::fs::read_to_string(installation.path("local.json"))? == local,
        "local.json has changed"
    );
    ensure!(
        api.send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
            .await?
            .body
            == before,
        "the tenant has changed"
    );
    ensure!(inside.is_inside().await?, "the session was lost");
    api.remove(&name).await
}

/// Moments after the request at which one process is killed, in milliseconds; a suspension takes about a twentieth of
/// a second.
const SUSPENSION_MOMENTS: [u64; 3] = [20, 0, 50];

/// The process to kill: a supervised child, or PostgreSQL.
fn pid_of(installation: &Installation, victim: &str) -> Result<String> {
    if victim != "postgres" {
        return installation.child(victim);
    }
    let text = std::fs::read_to_string(installation.path("postgres/data/postmaster.pid"))?;
    Ok(text.lines().next().context("no PostgreSQL")?.to_owned())
}

/// Whether edge, database and control plane say the same of a tenant, and nothing is under way.
async fn agrees(installation: &Installation, name: &str) -> Result<bool> {
    let shown = installation
        .api()?
        .send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
        .await?;
    if shown.status != 200 || shown.body["operation"].is_string() {
        return Ok(false);
    }
    let is_shut = shown.text("state") == "suspended";
    let edge = installation.visitor(name)?.get("/web/login").await?.status;
    let may = format!("SELECT has_database_privilege('odoo', '{name}', 'CONNECT')::text");
    let may = installation.postgres().text("postgres", &may).await?;
    Ok(match is_shut {
        true => edge == 402 && may == "false",
        false => edge == 200 && may == "true",
    })
}

#[tokio::test]
async fn one_process_killed_at_any_moment_of_a_suspension_comes_back_to_an_agreement() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("knock"));
    api.create(&name, PASSWORD).await?;
    for victim in ["node", "edge", "postgres"] {
        for moment in moments(&SUSPENSION_MOMENTS, 1) {
            let path = format!("/api/tenants/{name}/suspend");
            let asking = tokio::spawn({
                let (api, path) = (api.clone(), path.clone());
                async move { api.ask(Method::POST, &path, Some(&json!({}))).await }
            });
            tokio::time::sleep(Duration::from_millis(*moment)).await;
            let pid = pid_of(&installation, victim)?;
            Command::new("kill").args(["-9", &pid]).status().await?;
            let answered = asking.await?.is_ok_and(|answer| answer.status == 200);
            let agree = || async { agrees(&installation, &name).await.unwrap_or_default() };
            let what = format!("{victim} killed at {moment} ms: everything agrees");
            eventually(Duration::from_secs(90), &what, agree).await?;
            let shown = api
                .send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
                .await?;
            ensure!(
                !answered || shown.text("state") == "suspended",
                "{victim} killed at {moment} ms: answered as done, and is {}",
                shown.text("state")
            );
            let back = || async {
                let resumed = api
                    .ask(Method::POST, &format!("/api/tenants/{name}/resume"), None)
                    .await;
                resumed.is_ok_and(|resumed| resumed.status == 200)
                    && installation.visitor(&name).is_ok()
                    && agrees(&installation, &name).await.unwrap_or_default()
            };
            eventually(Duration::from_secs(90), "it is resumed", back).await?;
        }
    }
    api.remove(&name).await
}

#[tokio::test]
async fn a_node_that_is_cut_off_is_never_said_to_have_suspended() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("away"));
    api.create(&name, PASSWORD).await?;
    let pid = installation.child("node")?;
    Command::new("kill").args(["-STOP", &pid]).status().await?;
    let path = format!("/api/tenants/{name}/suspend");
    let asked = api
        .send(Method::POST, &path, &[("Prefer", "wait=2")], Some(&json!({})))
        .await;
    let shown = api
        .send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
        .await;
    let page = installation.visitor(&name)?.get("/web/login").await;
    Command::new("kill").args(["-CONT", &pid]).status().await?;
    let asked = asked?.expect(202)?;
    ensure!(asked.text("state") == "active", "{}", asked.body);
    ensure!(shown?.text("state") == "active", "said to be suspended");
    ensure!(page?.status == 200, "closed by nobody");
    let shut = || async {
        let shown = api
            .send(Method::GET, &format!("/api/tenants/{name}"), &[], None)
            .await;
        shown.is_ok_and(|shown| shown.text("state") == "suspended")
    };
    eventually(
        Duration::from_secs(60),
        "it is suspended once the node is back",
        shut,
    )
    .await?;
    ensure!(
        installation.visitor(&name)?.get("/web/login").await?.status == 402,
        "not closed"
    );
    api.remove(&name).await
}

/// Not a crash, but it reloads the edge under everybody.
#[tokio::test]
async fn the_edges_pages_follow_the_operators_file() -> Result<()> {
    const SETTLED: Duration = Duration::from_secs(30);
    let installation = Installation::under_test()?;
    let file = installation.path("operator.toml");
    let shows = |name: &'static str| {
        let visitor = installation.visitor("nobody-of-this-name");
        async move {
            let page = visitor?.get("/").await?;
            anyhow::Ok(page.text.contains(name))
        }
    };
    std::fs::write(&file, "name = \"Nube Caribe\"\n")?;
    let named = || async { shows("Nube Caribe").await.unwrap_or(false) };
    eventually(SETTLED, "the page shows the operator's name", named).await?;
    for broken in ["name = \"Nube Carib", "name = \"Otra\"\nlogo = \"missing.svg\"\n"] {
        std::fs::write(&file, broken)?;
        tokio::time::sleep(Duration::from_secs(4)).await;
        ensure!(shows("Nube Caribe").await?, "{broken} took the page away");
    }
    std::fs::remove_file(&file)?;
    let nameless = || async { !shows("Nube Caribe").await.unwrap_or(true) };
    eventually(SETTLED, "the page is as it was", nameless).await
}
