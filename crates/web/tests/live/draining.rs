//! Emptying a node over HTTP: the plan, who may begin it, what it says in between, and what stands of it in the audit trail.

use crate::app::answer::Answer;
use crate::app::node::Node;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use wire::node::Order;

const DRAIN: &str = "/api/nodes/alpha/drain";

/// Two nodes with these tenants on the first.
async fn two_nodes(tenants: &[&str]) -> Outcome<(App, Arc<Node>, Arc<Node>)> {
    let (app, alpha) = App::with_node().await?;
    for name in tenants {
        let made = app
            .at_once(Method::POST, "/api/tenants", &new_tenant(name))
            .await?;
        made.expect(202)?;
        let create = alpha.next().await?;
        alpha.done(&create).await?;
    }
    let beta = app.enrol("beta").await?;
    beta.poll(&[], 1, 0).await?;
    Ok((app, alpha, beta))
}

async fn plan(app: &App) -> Outcome<Value> {
    app.get(&format!("{DRAIN}/plan")).await?.expect(200)
}

/// What the page of it says.
async fn page(app: &App) -> Outcome<String> {
    let page = app
        .get("/admin/nodes/alpha/drain?node_labels=&parallel=2")
        .await?;
    assert_eq!(page.status, 200, "{}", page.text);
    Ok(page.text)
}

async fn until(app: &App, state: &str) -> Outcome<Value> {
    let mut last = Value::Null;
    for _ in 0..3000 {
        last = app.get(DRAIN).await?.expect(200)?;
        if last["state"] == state {
            return Ok(last);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Err(format!("it is not {state}: {last}").into())
}

#[tokio::test]
async fn a_plan_is_looked_at_and_begun_by_its_name_and_shows_how_far_it_is() -> Outcome {
    let (app, alpha, beta) = two_nodes(&["acme", "corp"]).await?;
    app.get(DRAIN).await?.problem(404, "not-found")?;
    app.post(&format!("{DRAIN}/pause"), &Value::Null)
        .await?
        .problem(409, "no-drain")?;
    app.get("/api/nodes/gamma/drain/plan")
        .await?
        .problem(404, "not-found")?;
    let shown = plan(&app).await?;
    assert_eq!(
        shown["moves"],
        json!([
            { "subdomain": "acme", "to": "beta", "state": "active", "bytes": shown["moves"][0]["bytes"], "changes_address": false },
            { "subdomain": "corp", "to": "beta", "state": "active", "bytes": shown["moves"][1]["bytes"], "changes_address": false },
        ])
    );
    app.patch("/api/nodes/beta", &json!({ "max_tenants": 1 }))
        .await?
        .expect(200)?;
    let stale = json!({ "plan": shown["plan"] });
    app.post(DRAIN, &stale).await?.problem(409, "plan-changed")?;
    let spanish = app
        .request(Method::GET, &format!("{DRAIN}/plan"))
        .header("accept-language", "es");
    let spanish = Answer::of(spanish).await?.expect(200)?;
    assert_eq!(spanish["stay"][0]["subdomain"], "corp");
    assert_eq!(spanish["stay"][0]["reason"], "no-room");
    let words = spanish["stay"][0]["words"].as_str().unwrap_or_default();
    assert!(
        words.contains("Ningún nodo puede recibirlo.") && words.contains("beta: max_tenants 1"),
        "{words}"
    );
    let shown = plan(&app).await?;
    let text = page(&app).await?;
    let name = shown["plan"].as_str().unwrap_or_default();
    assert!(text.contains(name) && text.contains("max_tenants 1"), "{text}");
    let begun = app
        .post(DRAIN, &json!({ "plan": shown["plan"], "reason": "new disks" }))
        .await?
        .expect(202)?;
    assert_eq!(
        (&begun["kind"], &begun["subject"]),
        (&json!("node.drain"), &json!("alpha"))
    );
    let node = app.get("/api/nodes/alpha").await?.expect(200)?;
    assert_eq!(
        (&node["mode"], &node["mode_reason"]),
        (&json!("draining"), &json!("new disks"))
    );
    let problem = app
        .post(DRAIN, &json!({ "plan": shown["plan"] }))
        .await?
        .problem(409, "drain-under-way")?;
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.contains(begun["id"].as_str().ok_or("no id")?), "{detail}");
    let (send, receive) = (alpha.next().await?, beta.next().await?);
    assert!(matches!(
        (&send.order, &receive.order),
        (Order::SendTenant(_), Order::ReceiveTenant(_))
    ));
    let now = until(&app, "running").await?;
    let states: Vec<&Value> = now["tenants"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["state"])
        .collect();
    assert_eq!(states, ["moving", "stays"]);
    let text = page(&app).await?;
    assert!(text.contains("/drain/pause") && !text.contains(name), "{text}");
    let paused = app
        .post(&format!("{DRAIN}/pause"), &Value::Null)
        .await?
        .expect(200)?;
    assert_eq!(paused["state"], "pausing");
    // The move fails, and with it the drain has nothing more to do; what is left it says in words.
    beta.failed(&receive, "disk-full").await?;
    loop {
        let told = [alpha.poll(&[send.id], 8, 0).await?, beta.poll(&[], 8, 0).await?].concat();
        for command in told {
            let node = if matches!(command.order, Order::DiscardCopy(_)) {
                &beta
            } else {
                &alpha
            };
            node.done(&command).await?;
        }
        let state = app.get(DRAIN).await?.expect(200)?;
        if state["ended_at"].is_string() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let over = until(&app, "failed").await?;
    assert_eq!(over["failure"]["code"], "partly-drained");
    let text = page(&app).await?;
    assert!(
        text.contains("/workspace/acme") && !text.contains("/drain/pause"),
        "{text}"
    );
    let tenants = over["tenants"].as_array().ok_or("no tenants")?;
    assert_eq!(
        (&tenants[0]["state"], &tenants[0]["failure"]["code"]),
        (&json!("failed"), &json!("disk-full"))
    );
    for (action, wanted) in [
        ("node.drain", 1),
        ("node.drain.failed", 1),
        ("node.drain-pause", 1),
    ] {
        assert_eq!(app.trail(action).await?.len(), wanted, "{action}");
    }
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn who_may_not_drain_changes_nothing_and_who_may_takes_it_back() -> Outcome {
    let (app, _alpha, _beta) = two_nodes(&["acme"]).await?;
    let shown = plan(&app).await?;
    let (viewer, operator) = (app.staff("viewer").await?, app.staff("operator").await?);
    let seen = app.by(&viewer, Method::GET, &format!("{DRAIN}/plan"));
    assert_eq!(Answer::of(seen).await?.expect(200)?["plan"], shown["plan"]);
    let body = json!({ "plan": shown["plan"] });
    let refused = app.by(&viewer, Method::POST, DRAIN).json(&body);
    Answer::of(refused).await?.problem(403, "forbidden")?;
    assert_eq!(app.database.count("SELECT count(*) FROM drain").await?, 0);
    Answer::of(app.by(&operator, Method::POST, DRAIN).json(&body))
        .await?
        .expect(202)?;
    let verbs = [
        ("pause", Value::Null),
        ("resume", Value::Null),
        ("cancel", json!({ "reason": "not today" })),
    ];
    for (verb, body) in &verbs {
        let asked = app
            .by(&viewer, Method::POST, &format!("{DRAIN}/{verb}"))
            .json(body);
        Answer::of(asked).await?.problem(403, "forbidden")?;
    }
    for (verb, body) in &verbs {
        let asked = app
            .by(&operator, Method::POST, &format!("{DRAIN}/{verb}"))
            .json(body);
        Answer::of(asked).await?.expect(200)?;
    }
    let missing = app.post("/api/nodes/alpha/confirm-moves", &json!({})).await?;
    assert_eq!(missing.refuses("confirm")?, "is required");
    let other = app
        .post("/api/nodes/alpha/confirm-moves", &json!({ "confirm": "beta" }))
        .await?;
    other.refuses("confirm")?;
    let none = app
        .post("/api/nodes/alpha/confirm-moves", &json!({ "confirm": "alpha" }))
        .await?
        .expect(202)?;
    assert_eq!(none, json!({ "operations": [] }));
    app.finish_with_open_commands().await
}
