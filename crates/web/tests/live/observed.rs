//! What nodes say of themselves, and what is done with templates and databases because of it.

use crate::app::answer::Answer;
use crate::app::worker::Reply;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use wire::node::{Order, TemplateSource};

/// The identity of an operation that was accepted.
fn text(operation: &Value) -> Outcome<&str> {
    Ok(operation["id"].as_str().ok_or("no operation")?)
}

fn observed() -> Value {
    json!({
        "pools": [{ "template": "template_tenant", "wanted": 3, "ready": 2, "hits": 7, "misses": 1, "discarded": 4 }],
        "unmanaged": [{ "database": "old_shop", "owner": "odoo", "size_bytes": 41_000_000, "odoo_version": "19.0",
            "users": 4, "last_login_at": "2026-11-01T10:00:00Z", "obstacle": null }],
        "edge_digest": "ab".repeat(32),
    })
}

#[tokio::test]
async fn a_node_is_shown_with_what_it_said_and_hears_what_it_should_keep() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let before = app.get("/api/nodes/alpha").await?.expect(200)?;
    assert_eq!(
        (&before["observed_at"], &before["pools"]),
        (&Value::Null, &json!([]))
    );
    let node = worker.node();
    let tell = || Answer::of(node.request(Method::POST, "/node/v1/observed").json(&observed()));
    assert_eq!(tell().await?.expect(200)?, json!({ "pools": [], "rules": {} }));
    let after = app.get("/api/nodes/alpha").await?.expect(200)?;
    assert!(after["observed_at"].is_string() && after["name"] == "alpha");
    assert_eq!(after["pools"][0]["ready"], 2);
    assert_eq!(after["unmanaged"][0]["database"], "old_shop");
    let text = Answer::of(app.request(Method::GET, "/api/metrics")).await?;
    assert_eq!(text.status, 200);
    for line in [
        "tenantry_tenants{state=\"active\"} 1",
        "tenantry_pool_ready{node=\"alpha\",template=\"template_tenant\"} 2",
        "tenantry_pool_hits_total{node=\"alpha\",template=\"template_tenant\"} 7",
    ] {
        assert!(text.text.contains(line), "{line} in {}", text.text);
    }
    assert!(
        text.text
            .contains("tenantry_pool_damaged{node=\"alpha\",template=\"template_tenant\"} 0")
    );
    let pool = "/api/templates/template_tenant/pool";
    assert_eq!(
        app.put(pool, &json!({ "size": 5 })).await?.expect(200)?["pool_size"],
        5
    );
    assert_eq!(
        tell().await?.expect(200)?,
        json!({ "pools": [{ "template": "template_tenant", "size": 5 }], "rules": {} })
    );
    assert_eq!(
        app.put(pool, &json!({})).await?.expect(200)?["pool_size"],
        Value::Null
    );
    assert_eq!(tell().await?.expect(200)?, json!({ "pools": [], "rules": {} }));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_damaged_template_is_shown_as_such_until_it_is_whole_again() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let node = worker.node();
    let mut said = observed();
    let tell = |said: &Value| Answer::of(node.request(Method::POST, "/node/v1/observed").json(said));
    let words = "3 files of template_tenant are missing.";
    said["pools"][0]["damage"] = json!(words);
    tell(&said).await?.expect(200)?;
    let template = app.get("/api/templates").await?.expect(200)?["items"][0].clone();
    assert_eq!(
        (&template["state"], &template["damage"]),
        (&json!("damaged"), &json!(words))
    );
    let shown = app.get("/api/nodes/alpha").await?.expect(200)?;
    assert_eq!(shown["pools"][0]["damage"], words);
    let text = Answer::of(app.request(Method::GET, "/api/metrics")).await?.text;
    assert!(
        text.contains("tenantry_pool_damaged{node=\"alpha\",template=\"template_tenant\"} 1"),
        "{text}"
    );
    tell(&observed()).await?.expect(200)?;
    let template = app.get("/api/templates").await?.expect(200)?["items"][0].clone();
    assert_eq!(
        (&template["state"], &template["damage"]),
        (&json!("ready"), &Value::Null)
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn how_pools_are_kept_is_a_setting_that_nodes_hear() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let node = worker.node();
    let tell = || Answer::of(node.request(Method::POST, "/node/v1/observed").json(&observed()));
    for (key, value) in [("pool.least", 4), ("pool.most", 40), ("pool.pause_ms", 100)] {
        app.put(&format!("/api/settings/{key}"), &json!({ "value": value }))
            .await?
            .expect(200)?;
    }
    let heard = async || {
        let rules = json!({ "least": 4, "most": 40, "pause_ms": 100 });
        tell().await.is_ok_and(|answer| answer.json["rules"] == rules)
    };
    testkit::eventually(std::time::Duration::from_secs(10), heard).await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_template_is_built_again_warmed_and_retired_by_name() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let path = |verb: &str| format!("/api/templates/template_tenant/{verb}");
    let last = || match worker.seen().pop().map(|command| command.order) {
        Some(Order::BuildTemplate(order)) => Some((order.modules.len(), order.source)),
        _ => None,
    };
    let first = app.get("/api/templates").await?.expect(200)?["items"][0].clone();
    for (verb, source) in [
        ("rebuild", TemplateSource::Nothing),
        ("warm", TemplateSource::Itself),
    ] {
        let operation = app.post(&path(verb), &json!({})).await?.expect(202)?;
        app.ended(text(&operation)?).await?;
        assert_eq!(last(), Some((4, source)), "{verb}");
    }
    let now = app.get("/api/templates").await?.expect(200)?["items"][0].clone();
    assert_eq!(
        now["version"].as_i64(),
        first["version"].as_i64().map(|version| version + 2)
    );
    app.post(&path("retire"), &json!({ "confirm": "template" }))
        .await?
        .refuses("confirm")?;
    worker.answer(|_| Reply::Failed("template-missing"));
    let failed = app
        .post(&path("retire"), &json!({ "confirm": "template_tenant" }))
        .await?
        .expect(202)?;
    app.ended(text(&failed)?).await?;
    assert_eq!(
        app.get("/api/templates").await?.expect(200)?["items"][0]["state"],
        "ready"
    );
    worker.answer(|_| Reply::Done);
    let retired = app
        .post(&path("retire"), &json!({ "confirm": "template_tenant" }))
        .await?
        .expect(202)?;
    app.ended(text(&retired)?).await?;
    assert_eq!(
        app.get("/api/templates").await?.expect(200)?["items"][0]["state"],
        "retired"
    );
    app.post("/api/tenants", &crate::app::new_tenant("acme"))
        .await?
        .problem(409, "no-template")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_template_that_was_adopted_says_of_what_and_is_not_built_from_nothing() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = json!({ "node": "alpha", "database": "old_shop" });
    let operation = app.post("/api/templates/shop/adopt", &body).await?.expect(202)?;
    app.ended(text(&operation)?).await?;
    let all = app.get("/api/templates").await?.expect(200)?;
    let shop = all["items"]
        .as_array()
        .and_then(|items| items.iter().find(|one| one["name"] == "shop"))
        .ok_or("no shop")?;
    assert_eq!(
        (&shop["adopted_from"], &shop["state"]),
        (&json!("old_shop"), &json!("ready"))
    );
    app.post("/api/templates/shop/rebuild", &json!({}))
        .await?
        .problem(409, "template-adopted")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_database_is_adopted_under_its_own_name_or_not_at_all() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = json!({ "database": "old_shop", "company_name": "Old Shop", "admin_email": "eva@example.com",
        "plan": "basic" });
    let path = "/api/nodes/alpha/adopt";
    worker.answer(|_| Reply::Failed("not-adoptable"));
    app.post(path, &body).await?.problem(409, "operation-failed")?;
    app.get("/api/tenants/old_shop")
        .await?
        .problem(404, "not-found")?;
    worker.answer(|_| Reply::Done);
    let adopted = app.post(path, &body).await?.expect(201)?;
    assert_eq!(
        (&adopted["state"], &adopted["database"], &adopted["template"]),
        (&json!("active"), &json!("old_shop"), &json!("adopted"))
    );
    assert!(adopted.get("set_password_link").is_none());
    app.post(path, &body).await?.problem(409, "name-taken")?;
    let dashed = json!({ "database": "old-shop2", "company_name": "Old", "admin_email": "eva@example.com",
        "plan": "basic" });
    app.post(path, &dashed).await?.refuses("database")?;
    app.post("/api/nodes/nowhere/adopt", &body)
        .await?
        .problem(404, "not-found")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn an_archive_that_its_node_calls_broken_is_an_alarm_wherever_somebody_looks() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let node = worker.node();
    let tell = |archive: Value| {
        let mut said = observed();
        said["point_in_time"] = archive;
        Answer::of(node.request(Method::POST, "/node/v1/observed").json(&said))
    };
    let good = json!({ "earliest": "2026-11-20T10:00:00Z", "latest": "2026-11-29T10:00:00Z", "backups": 3 });
    let metric = |value| format!("tenantry_archive_broken{{node=\"alpha\"}} {value}");
    tell(good.clone()).await?.expect(200)?;
    assert_eq!(
        app.get("/api/backup-health").await?.expect(200)?["archives"],
        json!([])
    );
    let text = app.get("/api/metrics").await?.text;
    assert!(text.contains(&metric(0)), "{text}");
    assert!(
        text.contains("tenantry_archive_window_seconds{node=\"alpha\"} 777600"),
        "{text}"
    );

    let mut bad = good;
    bad["alarm"] = json!("failing");
    bad["failing_since"] = json!("2026-11-29T10:00:00Z");
    bad["trouble"] = json!("pieces of the log do not get into the archive");
    tell(bad).await?.expect(200)?;
    let health = app.get("/api/backup-health").await?.expect(200)?;
    let told = &health["archives"][0];
    assert_eq!(
        (&told["node"], &told["kind"]),
        (&json!("alpha"), &json!("failing"))
    );
    assert_eq!(told["since"], "2026-11-29T10:00:00Z");
    assert!(app.get("/api/metrics").await?.text.contains(&metric(1)));
    for page in ["/admin/dashboard", "/admin/backups"] {
        let shown = app.request(Method::GET, page).header("accept-language", "es");
        let shown = Answer::of(shown).await?;
        assert!(
            shown
                .text
                .contains("los trozos del registro no llegan al archivo"),
            "{page}: {}",
            shown.text
        );
    }
    drop(worker);
    app.finish().await
}
