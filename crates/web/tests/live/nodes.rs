//! What the operator says of nodes, where tenants go because of it, and what is taken back.

use crate::app::answer::Answer;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::{Value, json};

/// The same tenant with more said.
fn tenant(subdomain: &str, more: Value) -> Value {
    let mut body = new_tenant(subdomain);
    for (field, value) in more.as_object().into_iter().flatten() {
        body[field] = value.clone();
    }
    body
}

/// The node that a tenant was given, without waiting for it.
async fn placed(app: &App, body: &Value) -> Outcome<String> {
    let answer = app
        .at_once(Method::POST, "/api/tenants", body)
        .await?
        .expect(202)?;
    Ok(answer["node"].as_str().ok_or("no node")?.to_owned())
}

#[tokio::test]
async fn tenants_go_where_the_operator_lets_them() -> Outcome {
    let app = App::start().await?;
    let (_alpha, _beta) = (
        app.node_with_template("alpha").await?,
        app.node_with_template("beta").await?,
    );
    let set =
        async |name: &str, body: Value| app.patch(&format!("/api/nodes/{name}"), &body).await?.expect(200);
    let draining = set("alpha", json!({ "mode": "draining", "reason": "new disks" })).await?;
    assert_eq!(
        (&draining["mode"], &draining["mode_reason"]),
        (&json!("draining"), &json!("new disks"))
    );
    assert!(
        draining["mode_by"]
            .as_str()
            .is_some_and(|by| by.starts_with("key_"))
    );
    for name in ["one", "two", "three"] {
        assert_eq!(placed(&app, &new_tenant(&format!("{name}-x"))).await?, "beta");
    }
    let pinned = tenant("pinned", json!({ "node": "alpha" }));
    let problem = app.post("/api/tenants", &pinned).await?.problem(409, "no-room")?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.ends_with("alpha: draining.")),
        "{problem}"
    );
    set("beta", json!({ "labels": ["ssd", "eu"], "max_tenants": 3 })).await?;
    let problem = app
        .post("/api/tenants", &new_tenant("full"))
        .await?
        .problem(409, "no-room")?;
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("alpha: draining; beta: max_tenants 3."),
        "{detail}"
    );
    let shown = set("alpha", json!({ "mode": "active" })).await?;
    assert_eq!(
        (&shown["mode"], &shown["mode_reason"]),
        (&json!("active"), &Value::Null)
    );
    assert_eq!(placed(&app, &new_tenant("four-x")).await?, "alpha");
    let fast = tenant("fast", json!({ "node_labels": ["ssd"] }));
    let problem = app.post("/api/tenants", &fast).await?.problem(409, "no-room")?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("alpha: not ssd")),
        "{problem}"
    );
    set("beta", json!({ "max_tenants": null })).await?;
    assert_eq!(placed(&app, &fast).await?, "beta");
    assert_eq!(
        app.database
            .count("SELECT count(*) FROM audit_entry WHERE action = 'node.update'")
            .await?,
        4
    );
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_tenant_is_placed_under_the_domain_that_was_asked_for() -> Outcome {
    let app = App::start().await?;
    let _alpha = app.node_with_template("alpha").await?;
    let beta = app.node_with_template("beta").await?;
    let _gamma = app.node_with_template("gamma").await?;
    let domain = "UPDATE node SET domain = 'example.org', address_pattern = 'https://*.example.org' WHERE name = 'beta'";
    sqlx::query(domain).execute(&app.database.pool).await?;
    let domains = app.get("/api/provisioning/domains").await?.expect(200)?;
    assert_eq!(
        domains,
        json!({ "domains": ["example.com", "example.org"], "default": "example.com" })
    );
    let under = |name: &str, domain: &str| {
        let mut body = new_tenant(name);
        body["domain"] = json!(domain);
        body
    };
    assert_eq!(placed(&app, &under("one-x", "example.org")).await?, "beta");
    assert_eq!(placed(&app, &under("two-x", "example.com")).await?, "alpha");
    let mut elsewhere = under("three-x", "example.com");
    elsewhere["node"] = json!("beta");
    let problem = app
        .post("/api/tenants", &elsewhere)
        .await?
        .problem(409, "no-room")?;
    assert!(problem["detail"].to_string().contains("beta: serves example.org"));
    let older = json!({ "subdomain": "older-x", "domain": "example.org" });
    let asked = app.post("/api/provisioning/tenant", &older);
    let done = async {
        for _ in 0..2 {
            let command = beta.next().await?;
            beta.done(&command).await?;
        }
        Outcome::Ok(())
    };
    let (made, done) = tokio::join!(asked, done);
    done?;
    let made = made?.expect(200)?;
    assert_eq!(
        (&made["server"], &made["url"]),
        (&json!("beta"), &json!("https://older-x.example.org"))
    );
    let delete = |domain: &str| {
        let body = json!({ "subdomain": "older-x", "domain": domain });
        app.request(Method::DELETE, "/api/provisioning/tenant")
            .json(&body)
    };
    for other in ["example.com", "org", "EXAMPLE.ORG"] {
        Answer::of(delete(other)).await?.refuses("domain")?;
    }
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_bound_holds_when_many_come_at_once() -> Outcome {
    let app = App::start().await?;
    let _alpha = app.node_with_template("alpha").await?;
    app.patch("/api/nodes/alpha", &json!({ "max_tenants": 5 }))
        .await?
        .expect(200)?;
    let bodies: Vec<Value> = (0..20)
        .map(|number| new_tenant(&format!("crowd-{number}")))
        .collect();
    let asked = bodies
        .iter()
        .map(|body| app.at_once(Method::POST, "/api/tenants", body));
    let mut made = 0;
    for answer in futures_util::future::join_all(asked).await {
        let answer = answer?;
        match answer.status.as_u16() {
            202 => made += 1,
            _ => drop(answer.problem(409, "no-room")?),
        }
    }
    assert_eq!(made, 5);
    assert_eq!(app.database.count("SELECT count(*) FROM tenant").await?, 5);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_full_disk_is_told_and_takes_nobody() -> Outcome {
    let app = App::start().await?;
    let alpha = app.node_with_template("alpha").await?;
    let tell = async |free: u64| {
        let capacity = json!({ "disk_bytes": 1_u64 << 40, "disk_free_bytes": free, "memory_bytes": 1_u64 << 34,
            "memory_available_bytes": 1_u64 << 33, "connections": 97, "connections_used": 9 });
        let said = alpha
            .request(Method::POST, "/node/v1/observed")
            .json(&json!({ "capacity": capacity }));
        crate::app::answer::Answer::of(said).await?.expect(200)
    };
    tell(1 << 30).await?;
    let problem = app
        .post("/api/tenants", &new_tenant("acme"))
        .await?
        .problem(409, "no-room")?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.ends_with("alpha: disk.")),
        "{problem}"
    );
    tell(1 << 35).await?;
    assert_eq!(placed(&app, &new_tenant("acme")).await?, "alpha");
    let shown = app.get("/api/nodes/alpha").await?.expect(200)?;
    assert_eq!(shown["capacity"]["connections_used"], 9);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn work_for_a_stopped_node_waits_and_can_be_taken_back() -> Outcome {
    let app = App::start().await?;
    let alpha = app.node_with_template("alpha").await?;
    let stop = json!({ "mode": "stopped", "reason": "moving house" });
    let begin = async |name: &str| {
        let answer = app
            .at_once(Method::POST, "/api/tenants", &new_tenant(name))
            .await?
            .expect(202)?;
        Outcome::Ok(answer["operation_id"].as_str().ok_or("no operation")?.to_owned())
    };
    let (first, second) = (begin("acme").await?, begin("zeta").await?);
    app.patch("/api/nodes/alpha", &stop).await?.expect(200)?;
    assert!(
        alpha.poll(&[], 4, 0).await?.is_empty(),
        "a stopped node gets nothing"
    );
    let waiting = app.get(&format!("/api/operations/{first}")).await?.expect(200)?;
    assert_eq!(waiting["waiting_for"], "Node alpha is stopped: moving house");
    let cancel = format!("/api/operations/{first}/cancel");
    let over = app
        .post(&cancel, &json!({ "reason": "asked for twice" }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&over["state"], &over["failure"]["code"]),
        (&json!("failed"), &json!("cancelled"))
    );
    assert_eq!(
        app.get("/api/tenants/acme").await?.status.as_u16(),
        404,
        "as if nobody had asked"
    );
    app.post(&cancel, &json!({ "reason": "again" }))
        .await?
        .problem(409, "operation-begun")?;
    begin("acme")
        .await
        .err()
        .ok_or("a stopped node was given a tenant")?;
    app.patch("/api/nodes/alpha", &json!({ "mode": "active" }))
        .await?
        .expect(200)?;
    let command = alpha.next().await?;
    let cancel = format!("/api/operations/{second}/cancel");
    app.post(&cancel, &json!({ "reason": "late" }))
        .await?
        .problem(409, "operation-begun")?;
    alpha.done(&command).await?;
    assert_eq!(app.ended(&second).await?["state"], "succeeded");
    begin("acme").await?;
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_node_goes_when_nothing_is_left_on_it() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let gone = "/api/nodes/alpha?confirm=alpha";
    app.delete("/api/nodes/alpha").await?.refuses("confirm")?;
    app.delete("/api/nodes/alpha?confirm=beta")
        .await?
        .refuses("confirm")?;
    let problem = app.delete(gone).await?.problem(409, "node-in-use")?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.ends_with("tenants: 1, operations: 0.")),
        "{problem}"
    );
    app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    app.delete(gone).await?.problem(409, "node-in-use")?;
    app.post("/api/tenants/acme/purge", &json!({ "confirm": "acme" }))
        .await?
        .expect(200)?;
    assert_eq!(app.delete(gone).await?.status.as_u16(), 204);
    app.delete(gone).await?.problem(404, "not-found")?;
    let polled = worker
        .node()
        .request(Method::GET, "/node/v1/commands")
        .send()
        .await?;
    assert_eq!(polled.status().as_u16(), 410, "it is told that it was taken out");
    assert_eq!(app.get("/api/nodes").await?.expect(200)?["items"], json!([]));
    app.post("/api/tenants", &new_tenant("zeta"))
        .await?
        .problem(409, "no-template")?;
    drop(worker);
    app.finish().await
}
