//! Backups in a real object store: what is whole stays whole when the store is killed in the middle, what is not never counts, and
//! a bucket serves where no folder does.

use anyhow::{Context as _, Result, ensure};
use e2e::{Api, Bucket, Installation, bare, eventually, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

const PASSWORD: &str = "a good long password";
/// How long what was cut off may take to end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Begins it and gives the operation.
async fn begun(api: &Api, path: &str, body: &Value) -> Result<String> {
    let headers = [("Prefer", "respond-async")];
    let answer = api.send(Method::POST, path, &headers, Some(body)).await?;
    Ok(answer.expect(202)?.text("id").to_owned())
}

async fn operation(api: &Api, id: &str) -> Result<Value> {
    let path = format!("/api/operations/{id}");
    Ok(api.ask(Method::GET, &path, None).await?.expect(200)?.body)
}

/// Waits until it has ended, and gives it.
async fn ended(api: &Api, id: &str) -> Result<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let now = operation(api, id).await?;
        if matches!(now["state"].as_str(), Some("succeeded" | "failed")) {
            return Ok(now);
        }
        ensure!(Instant::now() < until, "it does not end: {now}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn done(api: &Api, path: &str, body: &Value) -> Result<Value> {
    let end = ended(api, &begun(api, path, body).await?).await?;
    ensure!(end["state"] == "succeeded", "{end}");
    Ok(end["facts"].clone())
}

async fn back_up(api: &Api, name: &str, store: &str) -> Result<String> {
    let path = format!("/api/tenants/{name}/backups");
    let facts = done(api, &path, &json!({ "store": store })).await?;
    Ok(facts["backup"].as_str().context("no backup")?.to_owned())
}

#[tokio::test]
async fn a_store_that_is_killed_in_the_middle_loses_nothing_and_keeps_no_half() -> Result<()> {
    let installation = Installation::under_test()?;
    let api = installation.api()?;
    let mut bucket = Bucket::start(Path::new(env!("CARGO_TARGET_TMPDIR"))).await?;
    let (name, store) = (unique("bucket"), unique("s3"));
    let made = api.create(&name, PASSWORD).await?;
    let take = format!("/api/tenants/{name}/backups");

    // Who we are not is said at once, in words, and not tried again.
    bucket
        .serve_with(&api, &store, &json!({ "secret_key": "not-the-secret" }))
        .await?;
    let end = ended(&api, &begun(&api, &take, &json!({ "store": store })).await?).await?;
    ensure!(end["state"] == "failed", "{end}");
    ensure!(
        end["failure"]["code"] == "store-denied" && !end.to_string().contains("not-the-secret"),
        "{end}"
    );
    bucket.serve(&api, &store).await?;
    let first = back_up(&api, &name, &store).await?;

    // The store dies under it, at several moments, and comes back: it is whole, or it failed with a reason; never something between.
    let mut kept = vec![first];
    for moment in [0_u64, 150, 400, 900] {
        let begun = begun(&api, &take, &json!({ "store": store })).await?;
        tokio::time::sleep(Duration::from_millis(moment)).await;
        bucket.kill().await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        bucket.start_again().await?;
        let end = ended(&api, &begun).await?;
        match end["state"].as_str() {
            Some("succeeded") => kept.push(end["facts"]["backup"].as_str().context("no backup")?.to_owned()),
            _ => ensure!(end["failure"]["detail"].is_string(), "{end}"),
        }
    }
    kept.push(back_up(&api, &name, &store).await?);

    // Every one that counts is there with every byte, and the newest serves.
    for backup in &kept {
        done(&api, &format!("/api/backups/{backup}/verify"), &json!({})).await?;
    }
    let newest = kept.last().context("none")?;
    let facts = done(
        &api,
        &format!("/api/backups/{newest}/verify"),
        &json!({ "restore": true }),
    )
    .await?;
    ensure!(facts["proven"]["login_status"] == 200, "{facts}");

    // After the next pass there is nothing of what failed.
    let run = "/api/schedules/backup-retention/run";
    eventually(PATIENCE, "what failed is cleared away", || async {
        let _ = api.ask(Method::POST, run, None).await;
        let Ok(held) = bucket.held(made.text("id")).await else {
            return false;
        };
        let known: Vec<_> = kept.iter().map(|backup| bare(backup)).collect();
        !held.is_empty() && held.iter().all(|name| known.contains(&name.as_str()))
    })
    .await?;

    // A bucket knows no node: a new tenant is made of it.
    let copy = unique("copy");
    let restore = format!("/api/backups/{newest}/restore");
    done(&api, &restore, &json!({ "subdomain": copy })).await?;
    let mut visitor = installation.visitor(&copy)?;
    ensure!(
        visitor
            .log_in(&format!("ana@{name}.example.com"), PASSWORD)
            .await?,
        "not in at the copy"
    );
    api.remove(&copy).await?;
    api.remove(&name).await?;
    bucket.remove().await
}

#[tokio::test]
async fn a_store_that_is_killed_in_a_restore_a_proof_or_a_clearing_leaves_the_tenant_and_its_backups_whole()
-> Result<()> {
    let installation = Installation::under_test()?;
    let api = installation.api()?;
    let mut bucket = Bucket::start(Path::new(env!("CARGO_TARGET_TMPDIR"))).await?;
    let (name, store) = (unique("away"), unique("s3"));
    bucket.serve(&api, &store).await?;
    api.create(&name, PASSWORD).await?;
    let good = back_up(&api, &name, &store).await?;
    let path = format!("/api/backups/{good}");
    api.ask(Method::PUT, &path, Some(&json!({ "held": true })))
        .await?
        .expect(200)?;
    for (moment, what, path, body) in [
        (
            400_u64,
            "restore",
            format!("{path}/restore"),
            json!({ "confirm": name }),
        ),
        (700, "proof", format!("{path}/verify"), json!({ "restore": true })),
        (
            50,
            "clearing",
            "/api/schedules/backup-retention/run".to_owned(),
            json!({}),
        ),
    ] {
        if what == "clearing" {
            let other = back_up(&api, &name, &store).await?;
            let path = format!("/api/backups/{other}?confirm={name}");
            ensure!(
                api.ask(Method::DELETE, &path, None).await?.status.is_success(),
                "not forgotten"
            );
        }
        let headers = [("Prefer", "respond-async")];
        let begun = api.send(Method::POST, &path, &headers, Some(&body)).await?;
        tokio::time::sleep(Duration::from_millis(moment)).await;
        bucket.kill().await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        bucket.start_again().await?;
        if begun.text("id").starts_with("ope_") {
            let end = ended(&api, begun.text("id")).await?;
            ensure!(
                end["state"] == "succeeded" || end["failure"]["code"] == "store-away",
                "{what}: {end}"
            );
        }
        let mut visitor = installation.visitor(&name)?;
        ensure!(
            visitor
                .log_in(&format!("ana@{name}.example.com"), PASSWORD)
                .await?,
            "{what}: not in"
        );
    }
    done(&api, &format!("{path}/verify"), &json!({ "restore": true })).await?;
    let shown = api.ask(Method::GET, &path, None).await?;
    // What is in the bucket is what is known to be there: the one that was held, and those that restores took before.
    let known = format!("/api/backups?subdomain={name}&state=kept&store={store}");
    let known = api.ask(Method::GET, &known, None).await?.expect(200)?.body;
    let known = known["items"].as_array().cloned().unwrap_or_default();
    let mut known: Vec<_> = known
        .iter()
        .filter_map(|one| one["id"].as_str())
        .map(bare)
        .collect();
    known.sort_unstable();
    eventually(PATIENCE, "what was forgotten is cleared away", || async {
        let _ = api
            .ask(Method::POST, "/api/schedules/backup-retention/run", None)
            .await;
        bucket
            .held(shown.text("tenant"))
            .await
            .is_ok_and(|held| held == known)
    })
    .await?;
    api.remove(&name).await?;
    bucket.remove().await
}

/// Until when the objects of a backup in the bucket with locks are locked.
async fn locks(bucket: &Bucket, backup: &str) -> Result<BTreeMap<String, Option<String>>> {
    let objects = bucket.objects("locked")?;
    let mut locks = BTreeMap::new();
    for object in objects.list("tenants").await? {
        if object.name.contains(bare(backup)) {
            let until = objects.locked_until(&object.name).await?;
            locks.insert(object.name, until);
        }
    }
    Ok(locks)
}

#[tokio::test]
async fn what_a_backup_needs_is_locked_where_the_store_locks_and_refused_in_words_where_it_does_not()
-> Result<()> {
    let installation = Installation::under_test()?;
    let api = installation.api()?;
    let bucket = Bucket::start(Path::new(env!("CARGO_TARGET_TMPDIR"))).await?;
    let (name, locked, open) = (unique("lock"), unique("s3"), unique("s3"));
    api.create(&name, PASSWORD).await?;
    bucket
        .serve_with(&api, &locked, &json!({ "bucket": "locked", "lock_days": 14 }))
        .await?;
    bucket
        .serve_with(&api, &open, &json!({ "lock_days": 14 }))
        .await?;
    let take = format!("/api/tenants/{name}/backups");
    let end = ended(&api, &begun(&api, &take, &json!({ "store": open })).await?).await?;
    ensure!(
        end["state"] == "failed" && end["failure"]["code"] == "store-refused",
        "{end}"
    );
    let first = back_up(&api, &name, &locked).await?;
    let of_first = locks(&bucket, &first).await?;
    ensure!(
        of_first.len() >= 3 && of_first.values().all(Option::is_some),
        "{of_first:?}"
    );
    // The second needs the files of the first, whose lock it makes longer; not the first's dump's.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let second = back_up(&api, &name, &locked).await?;
    for (object, until) in locks(&bucket, &first).await? {
        let is_longer = until > of_first.get(&object).cloned().flatten();
        ensure!(
            is_longer == object.contains("/files-"),
            "{object}: {until:?}, {of_first:?}"
        );
    }
    // Then for a shorter time than those have.
    bucket
        .serve_with(&api, &locked, &json!({ "bucket": "locked", "lock_days": 1 }))
        .await?;
    let third = back_up(&api, &name, &locked).await?;
    for backup in [&second, &third] {
        let path = format!("/api/backups/{backup}/verify");
        done(&api, &path, &json!({ "restore": true })).await?;
    }
    // Forgetting hides what is locked; nothing is in its way.
    let path = format!("/api/backups/{second}?confirm={name}");
    api.ask(Method::DELETE, &path, None).await?.expect(200)?;
    eventually(PATIENCE, "what was forgotten is hidden", || async {
        locks(&bucket, &second).await.is_ok_and(|left| left.is_empty())
    })
    .await?;
    done(&api, &format!("/api/backups/{third}/verify"), &json!({})).await?;
    api.remove(&name).await?;
    bucket.remove().await
}

#[tokio::test]
#[ignore = "takes a second machine; scripts/second-node makes it and runs this"]
async fn a_tenant_goes_to_the_other_machine_by_backup_and_restore() -> Result<()> {
    let here = Installation::under_test()?;
    let second = std::env::var_os("TENANTRY_E2E_SECOND").context("TENANTRY_E2E_SECOND is not set")?;
    let there = Installation::at(second.into())?;
    let (api, bucket) = (
        here.api()?,
        Bucket::start(Path::new(env!("CARGO_TARGET_TMPDIR"))).await?,
    );
    let (name, copy, store) = (unique("goes"), unique("came"), unique("s3"));
    bucket.serve(&api, &store).await?;
    api.create(&name, PASSWORD).await?;
    let email = format!("ana@{name}.example.com");
    let mut before = here.visitor(&name)?;
    ensure!(before.log_in(&email, PASSWORD).await?, "not in before");
    let attachment = json!([{ "name": "kept.txt", "raw": "what the customer wrote", "type": "binary" }]);
    let made = before
        .call("ir.attachment", "create", json!([attachment]))
        .await?;
    ensure!(made.status == 200, "no attachment: {made:?}");
    let backup = back_up(&api, &name, &store).await?;
    let to = json!({ "subdomain": copy, "node": "node-2" });
    done(&api, &format!("/api/backups/{backup}/restore"), &to).await?;
    let mut after = there.visitor(&copy)?;
    ensure!(after.log_in(&email, PASSWORD).await?, "not in afterwards");
    let wanted = json!([[["name", "=", "kept.txt"]], ["raw"]]);
    let kept = after.call("ir.attachment", "search_read", wanted).await?;
    ensure!(
        kept.text.contains("what the customer wrote") || kept.text.contains("d2hhdCB0aGUg"),
        "{}",
        kept.text
    );
    api.remove(&copy).await?;
    api.remove(&name).await?;
    bucket.remove().await
}
