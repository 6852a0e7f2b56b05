//! A tenant that moves between two whole machines: real Odoo before and after, real edges, and how long it was closed.
//!
//! The second machine is another installation whose node was given to the server under test; `scripts/second-node` makes it.

use anyhow::{Context as _, Result, ensure};
use e2e::{Installation, Visitor, eventually, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "a good long password";
const PATIENCE: Duration = Duration::from_secs(120);

/// The other machine, if there is one.
fn second() -> Option<Result<Installation>> {
    std::env::var_os("TENANTRY_E2E_SECOND").map(|data| Installation::at(data.into()))
}

async fn inside(visitor: &mut Visitor, name: &str) -> Result<bool> {
    visitor.log_in(&format!("ana@{name}.example.com"), PASSWORD).await
}

#[tokio::test]
#[ignore = "takes a second machine; scripts/second-node makes it and runs this"]
async fn a_tenant_serves_on_the_other_machine_with_everything_that_it_had() -> Result<()> {
    let (here, there) = (
        Installation::under_test()?,
        second().context("TENANTRY_E2E_SECOND is not set")??,
    );
    let (api, name) = (here.api()?, unique("moves"));
    api.create(&name, PASSWORD).await?;
    let mut visitor = here.visitor(&name)?;
    ensure!(inside(&mut visitor, &name).await?, "not in before");
    let attachment = json!([{ "name": "kept.txt", "raw": "what the customer wrote", "type": "binary" }]);
    let made = visitor
        .call("ir.attachment", "create", json!([attachment]))
        .await?;
    ensure!(made.status == 200, "no attachment: {made:?}");

    let (watching, mut hammering) = (here.visitor(&name)?, there.visitor(&name)?);
    let moved = api
        .send(
            Method::POST,
            &format!("/api/tenants/{name}/move"),
            &[("Prefer", "wait=100")],
            Some(&json!({ "node": "node-2" })),
        )
        .await?;
    let operation = moved.text("operation_id").to_owned();
    let path = format!("/api/operations/{operation}");
    let mut shown = Value::Null;
    eventually(PATIENCE, "the move ends", || async {
        let now = api.send(Method::GET, &path, &[], None).await;
        now.is_ok_and(|now| ["succeeded", "failed"].contains(&now.text("state")))
    })
    .await?;
    shown.clone_from(&api.send(Method::GET, &path, &[], None).await?.body);
    ensure!(shown["state"] == "succeeded", "{shown:#}");
    let stop = shown["facts"]["stop_ms"].as_i64().context("no stop time")?;
    println!(
        "moved {} bytes, {} files, {} rows; closed for {stop} ms",
        shown["facts"]["bytes"], shown["facts"]["files"], shown["facts"]["rows"]
    );
    ensure!((1..60_000).contains(&stop), "closed for {stop} ms");

    ensure!(inside(&mut hammering, &name).await?, "not in afterwards");
    let kept = hammering
        .call(
            "ir.attachment",
            "search_read",
            json!([[["name", "=", "kept.txt"]], ["raw"]]),
        )
        .await?;
    ensure!(
        kept.text.contains("what the customer wrote") || kept.text.contains("d2hhdCB0aGUg"),
        "{}",
        kept.text
    );
    let mut gone = watching;
    ensure!(
        gone.get("/web/login").await?.status == 404,
        "the old machine still answers"
    );
    ensure!(
        here.postgres()
            .text(
                "postgres",
                &format!("SELECT count(*)::text FROM pg_database WHERE datname = '{name}'")
            )
            .await?
            == "0",
        "still there"
    );

    let confirmed = api
        .send(
            Method::POST,
            &format!("/api/tenants/{name}/move/confirm"),
            &[("Prefer", "wait=60")],
            None,
        )
        .await?;
    ensure!(confirmed.text("state") == "succeeded", "{:#}", confirmed.body);
    ensure!(!here.filestore(&name).exists(), "files are left");
    let stop = drained_back(&here, &name).await?;
    println!("drained back; closed for {stop} ms");
    Ok(())
}

/// The other machine is drained: the tenant comes back by a plan that names it, and serves here again. Gives for how many
/// milliseconds it was closed.
async fn drained_back(here: &Installation, name: &str) -> Result<i64> {
    let api = here.api()?;
    let drain = "/api/nodes/node-2/drain";
    let plan = api.send(Method::GET, &format!("{drain}/plan"), &[], None).await?;
    let goes = plan.body["moves"].as_array().context("no moves")?;
    ensure!(goes.len() == 1 && goes[0]["subdomain"] == name, "{:#}", plan.body);
    // The agent has measured it by now, or its template stands for it.
    ensure!(
        goes[0]["bytes"].as_u64().is_some_and(|bytes| bytes > 1 << 20),
        "{:#}",
        plan.body
    );
    let begun = api
        .send(
            Method::POST,
            drain,
            &[],
            Some(&json!({ "plan": plan.body["plan"] })),
        )
        .await?;
    ensure!(begun.status == 202, "{:#}", begun.body);
    eventually(PATIENCE, "the drain ends", || async {
        let now = api.send(Method::GET, drain, &[], None).await;
        now.is_ok_and(|now| ["succeeded", "failed"].contains(&now.text("state")))
    })
    .await?;
    let ended = api.send(Method::GET, drain, &[], None).await?;
    ensure!(ended.text("state") == "succeeded", "{:#}", ended.body);
    let mut visitor = here.visitor(name)?;
    ensure!(inside(&mut visitor, name).await?, "not in after the drain");
    let confirmed = api
        .send(
            Method::POST,
            "/api/nodes/node-2/confirm-moves",
            &[],
            Some(&json!({ "confirm": "node-2" })),
        )
        .await?;
    ensure!(
        confirmed.body["operations"]
            .as_array()
            .is_some_and(|all| all.len() == 1),
        "{:#}",
        confirmed.body
    );
    api.send(
        Method::PATCH,
        "/api/nodes/node-2",
        &[],
        Some(&json!({ "mode": "active" })),
    )
    .await?;
    ended.body["tenants"][0]["stop_ms"]
        .as_i64()
        .context("no stop time")
}
