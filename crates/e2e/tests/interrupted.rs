//! What is under way with backups when a process is killed: nothing half is ever taken for whole, and everything goes on.
//!
//! These tests kill parts of the installation under test, so they have it to themselves.

use anyhow::{Context as _, Result, ensure};
use e2e::{Api, Bucket, Installation, bare, eventually, unique};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::process::Command;

const PASSWORD: &str = "a good long password";
const PATIENCE: Duration = Duration::from_secs(120);

async fn kill(installation: &Installation, victim: &str) -> Result<()> {
    let pid = match victim {
        "postgres" => {
            let text = std::fs::read_to_string(installation.path("postgres/data/postmaster.pid"))?;
            text.lines().next().context("no PostgreSQL")?.to_owned()
        }
        _ => installation.child(victim)?,
    };
    let killed = Command::new("kill").args(["-9", &pid]).status().await?;
    ensure!(killed.success(), "kill -9 {pid} failed");
    Ok(())
}

/// What the API answers once it answers.
async fn answered(api: &Api, method: Method, path: &str, body: &Value) -> Result<Value> {
    let found = std::sync::Mutex::new(Value::Null);
    eventually(PATIENCE, &format!("{method} {path} succeeds"), || async {
        let asked = api
            .send(method.clone(), path, &[("Prefer", "wait=60")], Some(body))
            .await;
        match asked {
            Ok(answer) if answer.status.is_success() => {
                found.lock().map(|mut found| *found = answer.body).is_ok()
            }
            _ => false,
        }
    })
    .await?;
    found.into_inner().map_err(|_| anyhow::anyhow!("poisoned"))
}

async fn read(api: &Api, path: &str) -> Result<Value> {
    Ok(api.send(Method::GET, path, &[], None).await?.expect(200)?.body)
}

async fn back_up(api: &Api, name: &str) -> Result<String> {
    let taken = answered(
        api,
        Method::POST,
        &format!("/api/tenants/{name}/backups"),
        &json!({}),
    )
    .await?;
    Ok(taken["facts"]["backup"].as_str().context("no backup")?.to_owned())
}

/// Has a backup stay: of those of one day the store's rules keep the newest alone.
async fn keep(api: &Api, id: &str) -> Result<()> {
    let path = format!("/api/backups/{id}");
    answered(api, Method::PUT, &path, &json!({ "held": true })).await?;
    Ok(())
}

/// Holds a table that a dump has to wait for.
async fn hold(installation: &Installation, name: &str) -> Result<PgConnection> {
    let mut holding = installation.postgres().connect(name).await?;
    sqlx::raw_sql("BEGIN; LOCK TABLE res_partner IN ACCESS EXCLUSIVE MODE")
        .execute(&mut holding)
        .await?;
    Ok(holding)
}

async fn dump_waits(installation: &Installation, name: &str) -> Result<()> {
    let waits = format!(
        "SELECT count(*)::text FROM pg_stat_activity WHERE datname = '{name}' AND usename = 'tenantry_node' AND wait_event_type = 'Lock'"
    );
    eventually(Duration::from_secs(60), "the dump is under way", || async {
        let waits = installation.postgres().text("postgres", &waits).await;
        waits.is_ok_and(|count| count != "0")
    })
    .await
}

#[tokio::test]
async fn whatever_is_killed_in_the_middle_of_a_backup_no_half_one_counts_and_the_older_one_stays()
-> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("mid"));
    api.create(&name, PASSWORD).await?;
    let older = back_up(&api, &name).await?;
    keep(&api, &older).await?;
    for victim in ["node", "postgres", "server"] {
        let holding = hold(&installation, &name).await?;
        let path = format!("/api/tenants/{name}/backups");
        let begun = api
            .send(
                Method::POST,
                &path,
                &[("Prefer", "respond-async")],
                Some(&json!({})),
            )
            .await?
            .expect(202)?;
        dump_waits(&installation, &name).await?;
        kill(&installation, victim).await?;
        drop(holding);
        let operation = format!("/api/operations/{}", begun.text("id"));
        let over = || async {
            let shown = read(&api, &operation).await;
            shown.is_ok_and(|shown| shown["finished_at"].is_string())
        };
        eventually(PATIENCE, &format!("{victim} killed: the backup has ended"), over).await?;
        let shown = read(&api, &operation).await?;
        let kept = read(&api, &format!("/api/backups?subdomain={name}")).await?;
        let kept = kept["items"].as_array().cloned().unwrap_or_default();
        ensure!(
            kept.iter().all(|one| one["state"] != "taking"),
            "{victim} killed, and one is still being taken: {kept:?}"
        );
        let of_it = kept.iter().find(|one| one["operation"] == begun.text("id"));
        let state = of_it.map_or("", |one| one["state"].as_str().unwrap_or_default());
        ensure!(
            (state == "kept") == (shown["state"] == "succeeded"),
            "{victim} killed: the operation is {} and the backup {state}",
            shown["state"]
        );
        let mut whole = vec![older.as_str()];
        whole.extend(
            of_it
                .filter(|_| state == "kept")
                .and_then(|one| one["id"].as_str()),
        );
        for id in whole {
            keep(&api, id).await?;
            let path = format!("/api/backups/{id}/verify");
            answered(&api, Method::POST, &path, &json!({ "restore": true })).await?;
        }
        back_up(&api, &name).await?;
    }
    api.remove(&name).await
}

#[tokio::test]
async fn a_node_that_is_killed_while_it_writes_to_a_bucket_leaves_nothing_that_nobody_knows_of() -> Result<()>
{
    let installation = Installation::under_test()?;
    let (api, name, store) = (installation.api()?, unique("pail"), unique("s3"));
    let bucket = Bucket::start(Path::new(env!("CARGO_TARGET_TMPDIR"))).await?;
    bucket.serve(&api, &store).await?;
    let tenant = api.create(&name, PASSWORD).await?.text("id").to_owned();
    // Enough to write for a while, and in several parts.
    let ballast = "CREATE TABLE ballast AS SELECT sha512((n || clock_timestamp()::text)::bytea) AS weight FROM generate_series(1, 800000) n";
    let owned = "DO $$ BEGIN
            EXECUTE format('ALTER TABLE ballast OWNER TO %I', (SELECT tableowner FROM pg_tables WHERE tablename = 'res_partner'));
        END $$";
    for statement in [ballast, owned] {
        installation.postgres().run(&name, statement).await?;
    }
    let path = format!("/api/tenants/{name}/backups");
    for moment in ["before anything is written", "while the dump is written"] {
        let runs = || async { installation.child("node").is_ok() };
        eventually(PATIENCE, "the node runs", runs).await?;
        ensure!(
            bucket.unfinished().await? == 0,
            "{moment}: an upload of before is there"
        );
        let begun = api
            .send(
                Method::POST,
                &path,
                &[("Prefer", "respond-async")],
                Some(&json!({ "store": store })),
            )
            .await?
            .expect(202)?;
        if moment.starts_with("while") {
            let writes = || async { bucket.unfinished().await.is_ok_and(|begun| begun > 0) };
            eventually(PATIENCE, "a part of the dump is in the bucket", writes).await?;
        }
        kill(&installation, "node").await?;
        let operation = format!("/api/operations/{}", begun.text("id"));
        let over = || async {
            let shown = read(&api, &operation).await;
            shown.is_ok_and(|shown| shown["finished_at"].is_string())
        };
        eventually(PATIENCE, &format!("killed {moment}: it has ended"), over).await?;
        if let Some(backup) = read(&api, &operation).await?["facts"]["backup"].as_str() {
            keep(&api, backup).await?;
        }
    }
    let whole = answered(&api, Method::POST, &path, &json!({ "store": store })).await?;
    keep(&api, whole["facts"]["backup"].as_str().context("no backup")?).await?;
    eventually(
        PATIENCE,
        "after the next pass nothing is there of what was cut off",
        || async {
            let _ = api
                .ask(Method::POST, "/api/schedules/backup-retention/run", None)
                .await;
            let kept = read(
                &api,
                &format!("/api/backups?subdomain={name}&state=kept&store={store}"),
            )
            .await;
            let kept = kept.unwrap_or_default()["items"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let mut known: Vec<_> = kept
                .iter()
                .filter_map(|one| one["id"].as_str())
                .map(bare)
                .collect();
            known.sort_unstable();
            let held = bucket.held(&tenant).await.unwrap_or_default();
            !held.is_empty() && held == known && bucket.unfinished().await.is_ok_and(|left| left == 0)
        },
    )
    .await?;
    let kept = read(
        &api,
        &format!("/api/backups?subdomain={name}&state=kept&store={store}"),
    )
    .await?;
    for one in kept["items"].as_array().context("none")? {
        let path = format!("/api/backups/{}/verify", one["id"].as_str().unwrap_or_default());
        answered(&api, Method::POST, &path, &json!({ "restore": true })).await?;
    }
    api.remove(&name).await?;
    bucket.remove().await
}

/// Whether its administrator comes in, once what was killed is up again.
async fn is_in(installation: &Installation, name: &str) -> bool {
    let login = format!("ana@{name}.example.com");
    match installation.visitor(name) {
        Ok(mut visitor) => visitor.log_in(&login, PASSWORD).await.unwrap_or(false),
        Err(_) => false,
    }
}

/// Databases that are there only while something is restored or proven.
async fn beside(installation: &Installation) -> Result<Vec<String>> {
    let all = installation.postgres().databases().await?;
    let is_beside = |name: &String| name.starts_with("tenantry_proof_") || name.starts_with("tenantry_new_");
    Ok(all.into_iter().filter(is_beside).collect())
}

#[tokio::test]
async fn whatever_is_killed_in_the_middle_of_a_restore_a_proof_or_a_clearing_the_tenant_and_its_backups_are_whole()
-> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("back"));
    api.create(&name, PASSWORD).await?;
    let count = "SELECT count(*)::text FROM res_partner";
    let then = installation.postgres().text(&name, count).await?;
    let good = back_up(&api, &name).await?;
    keep(&api, &good).await?;
    let partner = "INSERT INTO res_partner (name, active) VALUES ('written later', true)";
    // Each at another moment of it.
    let mut moments = [200_u64, 700, 1400, 2200].into_iter().cycle();
    for victim in ["node", "postgres", "server"] {
        for (kind, path, body) in [
            (
                "restore",
                format!("/api/backups/{good}/restore"),
                json!({ "confirm": name }),
            ),
            (
                "proof",
                format!("/api/backups/{good}/verify"),
                json!({ "restore": true }),
            ),
            (
                "clearing",
                "/api/schedules/backup-retention/run".to_owned(),
                json!({}),
            ),
        ] {
            installation.postgres().run(&name, partner).await?;
            let now = installation.postgres().text(&name, count).await?;
            if kind == "clearing" {
                let forgotten = back_up(&api, &name).await?;
                let path = format!("/api/backups/{forgotten}?confirm={name}");
                let forget = || async {
                    api.ask(Method::DELETE, &path, None)
                        .await
                        .is_ok_and(|it| it.status.is_success())
                };
                eventually(PATIENCE, "one is forgotten", forget).await?;
            }
            let begun = api
                .send(Method::POST, &path, &[("Prefer", "respond-async")], Some(&body))
                .await?;
            ensure!(begun.status.is_success(), "{kind}: {}", begun.status);
            tokio::time::sleep(Duration::from_millis(moments.next().unwrap_or_default())).await;
            kill(&installation, victim).await?;
            let what = format!("{kind} while the {victim} was killed");
            let open = || async {
                let all = read(&api, "/api/operations?state=running&limit=100").await;
                all.is_ok_and(|all| all["items"].as_array().is_some_and(Vec::is_empty))
            };
            eventually(PATIENCE, &format!("{what} has ended"), open).await?;
            eventually(PATIENCE, &format!("{what}: somebody is in again"), || {
                is_in(&installation, &name)
            })
            .await?;
            // As it was before, or as it was then: nothing between.
            let found = installation.postgres().text(&name, count).await?;
            ensure!(
                found == now || kind == "restore" && found == then,
                "{what}: {found}, not {then} or {now}"
            );
            let shown = read(&api, &format!("/api/backups/{good}")).await?;
            ensure!(
                shown["state"] == "kept",
                "{what}: a good backup is {}: {}",
                shown["state"],
                shown["failure"]
            );
            let cleared = || async { beside(&installation).await.is_ok_and(|left| left.is_empty()) };
            eventually(PATIENCE, &format!("{what}: nothing is left beside"), cleared).await?;
        }
        answered(
            &api,
            Method::POST,
            &format!("/api/backups/{good}/verify"),
            &json!({ "restore": true }),
        )
        .await?;
    }
    api.remove(&name).await
}

fn key(installation: &Installation) -> Result<String> {
    let text = std::fs::read_to_string(installation.path("local.json"))?;
    let local: Value = serde_json::from_str(&text)?;
    Ok(local["api_key"].as_str().context("no key")?.to_owned())
}

/// Begins to send a piece of which no more comes than this.
async fn half_a_piece(installation: &Installation, id: &str, content: &[u8], of: usize) -> Result<TcpStream> {
    let host = installation
        .server()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let mut line = TcpStream::connect(&host).await?;
    let head = format!(
        "PATCH /api/uploads/{id} HTTP/1.1\r\nHost: {host}\r\nX-API-KEY: {}\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {of}\r\n\r\n",
        key(installation)?
    );
    line.write_all(head.as_bytes()).await?;
    line.write_all(content).await?;
    line.flush().await?;
    Ok(line)
}

#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_leaves_uploads_and_links_as_good_as_they_were() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name) = (installation.api()?, unique("cut"));
    api.create(&name, PASSWORD).await?;
    let whole = vec![b'-'; 3 << 20];
    let begun = json!({ "bytes": whole.len(), "file_name": "x" });
    let begun = answered(&api, Method::POST, "/api/uploads", &begun).await?;
    let id = begun["id"].as_str().context("no upload")?.to_owned();
    let (first, rest) = whole.split_at(1 << 20);
    let line = half_a_piece(&installation, &id, first, whole.len()).await?;
    let path = format!("/api/uploads/{id}");
    let is_there = || async {
        read(&api, &path)
            .await
            .is_ok_and(|shown| shown["offset"] == first.len())
    };
    eventually(PATIENCE, "the first part is there", is_there).await?;
    kill(&installation, "server").await?;
    drop(line);
    eventually(PATIENCE, "the upload is as it was", is_there).await?;
    let client = reqwest::Client::builder().tls_certs_only([]).build()?;
    let sent = client
        .patch(format!("{}{path}", installation.server()))
        .header("x-api-key", key(&installation)?)
        .header("upload-offset", first.len())
        .body(rest.to_vec())
        .send()
        .await?;
    ensure!(
        sent.status() == 204,
        "the rest was answered with {}",
        sent.status()
    );
    ensure!(
        read(&api, &path).await?["offset"] == whole.len(),
        "it is not whole"
    );
    api.ask(Method::DELETE, &path, None).await?.expect(204)?;

    let backup = back_up(&api, &name).await?;
    let asked = json!({ "repeatable": true });
    let made = answered(
        &api,
        Method::POST,
        &format!("/api/backups/{backup}/downloads"),
        &asked,
    )
    .await?;
    let (_, token) = made["url"]
        .as_str()
        .and_then(|url| url.split_once('#'))
        .context("no link")?;
    let content = format!("{}/download/content", installation.server());
    let from = |offset: usize| {
        client
            .post(&content)
            .json(&json!({ "token": token, "offset": offset }))
            .send()
    };
    let reference = from(0).await?.error_for_status()?.bytes().await?;
    let mut cut = from(0).await?.error_for_status()?;
    let begin = cut.chunk().await?.context("nothing came")?;
    kill(&installation, "server").await?;
    let mut had = begin.len();
    let broke = loop {
        match cut.chunk().await {
            Ok(Some(more)) => had += more.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    ensure!(
        broke && had < reference.len(),
        "what was cut looked like a whole file: {had} bytes"
    );
    let again = std::sync::Mutex::new(Vec::new());
    eventually(PATIENCE, "the link goes on where it was", || async {
        let Ok(answer) = from(had).await else { return false };
        if !answer.status().is_success() {
            return false;
        }
        let Ok(bytes) = answer.bytes().await else {
            return false;
        };
        again.lock().map(|mut again| *again = bytes.to_vec()).is_ok()
    })
    .await?;
    let again = again.into_inner().map_err(|_| anyhow::anyhow!("poisoned"))?;
    ensure!(
        reference.get(had..) == Some(&again[..]),
        "the rest is not the rest"
    );
    api.remove(&name).await
}
