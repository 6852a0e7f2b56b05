//! Tombstones: how a tenant becomes one, comes back, and goes for good.

use super::{show, with_tenant};
use crate::app::worker::Reply;
use crate::app::{App, Outcome, new_tenant};
use serde_json::{Value, json};
use wire::node::{Order, Service};

async fn names(app: &App, query: &str) -> Outcome<Vec<String>> {
    let page = app.get(&format!("/api/tenants{query}")).await?.expect(200)?;
    let items = page["items"].as_array().cloned().unwrap_or_default();
    assert_eq!(page["total"], items.len());
    Ok(items
        .iter()
        .filter_map(|tenant| tenant["subdomain"].as_str())
        .map(ToOwned::to_owned)
        .collect())
}

#[tokio::test]
async fn without_the_name_repeated_nothing_is_deleted() -> Outcome {
    let (app, worker) = with_tenant().await?;
    app.tenant("demo-x").await?;
    let before = app.database.dump().await?;
    for query in [
        "",
        "?confirm=",
        "?confirm=Acme",
        "?confirm=true",
        "?confirm=demo-x",
        "?confirm=acme%20",
    ] {
        app.delete(&format!("/api/tenants/acme{query}"))
            .await?
            .refuses("confirm")
            .map_err(|e| format!("{query}: {e}"))?;
    }
    app.delete("/api/tenants/demo-x?confirm=demo_x")
        .await?
        .refuses("confirm")?;
    app.delete("/api/tenants/nobody?confirm=nobody")
        .await?
        .problem(404, "not-found")?;
    app.database.still(&before).await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_deleted_tenant_is_listed_only_when_asked_for_and_keeps_its_name() -> Outcome {
    let (app, worker) = with_tenant().await?;
    app.tenant("other").await?;
    let tenant = app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    assert_eq!(tenant["state"], "deleted");
    let time = |key: &str| {
        tenant[key]
            .as_str()
            .unwrap_or_default()
            .parse::<jiff::Timestamp>()
    };
    assert_eq!(
        time("purge_after")?.duration_since(time("deleted_at")?),
        jiff::SignedDuration::from_hours(30 * 24)
    );
    assert_eq!(names(&app, "").await?, ["other"]);
    assert_eq!(names(&app, "?state=deleted").await?, ["acme"]);
    assert_eq!(names(&app, "?state=all&sort=subdomain").await?, ["acme", "other"]);
    let listed = app.get("/api/provisioning/tenants").await?.expect(200)?;
    assert_eq!(listed["total"], 1);
    app.post("/api/tenants", &new_tenant("acme"))
        .await?
        .problem(409, "name-taken")?;
    app.patch("/api/tenants/other", &json!({ "subdomain": "acme" }))
        .await?
        .problem(409, "name-taken")?;
    assert_eq!(show(&app, "acme").await?["state"], "deleted");
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn an_undeleted_tenant_is_as_it_was_suspended_if_it_was() -> Outcome {
    let (app, worker) = with_tenant().await?;
    for (suspend, state, service) in [
        (false, "active", Service::Open),
        (true, "suspended", Service::Suspended),
    ] {
        if suspend {
            app.post("/api/tenants/acme/suspend", &json!({ "reason": "unpaid" }))
                .await?
                .expect(200)?;
        }
        app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
        let tenant = app
            .post("/api/tenants/acme/undelete", &Value::Null)
            .await?
            .expect(200)?;
        assert_eq!(tenant["state"], state);
        assert!(tenant["deleted_at"].is_null() && tenant["purge_after"].is_null());
        let seen = worker.seen();
        assert!(
            matches!(seen.last().map(|c| &c.order), Some(Order::UndeleteTenant(order)) if order.service == service)
        );
    }
    assert_eq!(show(&app, "acme").await?["suspension_reasons"], json!(["unpaid"]));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_purged_tenant_is_gone_and_its_name_is_free() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let confirm = json!({ "confirm": "acme" });
    app.post("/api/tenants/acme/purge", &confirm)
        .await?
        .problem(409, "state")?;
    app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    for wrong in [json!({}), json!({ "confirm": "other" })] {
        app.post("/api/tenants/acme/purge", &wrong)
            .await?
            .refuses("confirm")?;
    }
    let answer = app.post("/api/tenants/acme/purge", &confirm).await?;
    let location = answer.header("location").to_owned();
    let operation = answer.expect(200)?;
    assert_eq!(
        (&operation["kind"], &operation["state"]),
        (&json!("tenant.purge"), &json!("succeeded"))
    );
    app.get("/api/tenants/acme").await?.problem(404, "not-found")?;
    for table in [
        "SELECT count(*) FROM tenant",
        "SELECT count(*) FROM name_reservation",
        "SELECT count(*) FROM one_time_link",
    ] {
        assert_eq!(app.database.count(table).await?, 0, "{table}");
    }
    // Its history stays.
    assert_eq!(app.get(&location).await?.expect(200)?["subject"], "acme");
    let history = app.get("/api/operations?subject=acme").await?.expect(200)?;
    assert_eq!(history["items"].as_array().map(Vec::len), Some(3));
    app.tenant("acme").await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn what_fails_on_the_node_leaves_the_tenant_or_the_tombstone() -> Outcome {
    let (app, worker) = with_tenant().await?;
    worker.answer(|_| Reply::Failed("disk-full"));
    app.delete("/api/tenants/acme?confirm=acme")
        .await?
        .problem(502, "operation-failed")?;
    let tenant = show(&app, "acme").await?;
    assert_eq!(
        (&tenant["state"], &tenant["deleted_at"]),
        (&json!("active"), &Value::Null)
    );
    worker.answer(|_| Reply::Done);
    let deleted = app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    worker.answer(|_| Reply::Failed("disk-full"));
    app.post("/api/tenants/acme/purge", &json!({ "confirm": "acme" }))
        .await?
        .problem(502, "operation-failed")?;
    app.post("/api/tenants/acme/undelete", &json!({}))
        .await?
        .problem(502, "operation-failed")?;
    let tenant = show(&app, "acme").await?;
    for field in ["state", "deleted_at", "purge_after"] {
        assert_eq!(tenant[field], deleted[field], "{field}");
    }
    drop(worker);
    app.finish().await
}
