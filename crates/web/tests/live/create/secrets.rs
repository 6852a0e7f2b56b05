//! What must not be known: passwords, keys, tokens; and how a first password is set.

use crate::app::answer::Answer;
use crate::app::worker::Reply;
use crate::app::{App, Outcome, log, new_tenant};
use reqwest::Method;
use serde_json::{Value, json};
use wire::node::Order;
use wire::provisioning::ProvisionTenant;
use wire::tenant::CreateTenant;

const FIRST: &str = "Quetzal-first-4711";
const SECOND: &str = "Quetzal-second-4712";
const THIRD: &str = "Quetzal-third-4713";

/// A secret in the forms in which it could lie somewhere.
fn forms(secret: &str) -> [String; 2] {
    [
        secret.to_owned(),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ]
}

#[tokio::test]
async fn no_secret_is_in_a_table_or_in_the_log_while_or_after_it_is_used() -> Outcome {
    log::capture_down_to(tracing::Level::TRACE);
    let (app, node) = App::with_node().await?;
    let mut secrets = vec![app.key.clone(), app.reader.clone(), node.credential.clone()];
    let mut dumps = Vec::new();
    let mut body = new_tenant("acme");
    body["admin_password"] = json!(FIRST);
    let password = json!({ "new_password": SECOND });
    let other = json!({ "subdomain": "acme", "new_password": THIRD });
    for (method, path, body, secret) in [
        (Method::POST, "/api/tenants", &body, FIRST),
        (Method::POST, "/api/tenants/acme/password", &password, SECOND),
        (Method::PUT, "/api/provisioning/tenant/password", &other, THIRD),
    ] {
        app.at_once(method, path, body).await?.expect(202)?;
        dumps.push(app.database.dump().await?);
        let command = node.next().await?;
        let carried = serde_json::to_string(&command)?;
        assert!(carried.contains(secret), "the node must get it");
        assert!(!format!("{command:?}").contains(secret), "Debug shows it");
        dumps.push(app.database.dump().await?);
        node.done(&command).await?;
        secrets.push(secret.to_owned());
    }
    let mut without = new_tenant("other");
    without["admin_password"] = Value::Null;
    let pending = app
        .at_once(Method::POST, "/api/tenants", &without)
        .await?
        .expect(202)?;
    node.done(&node.next().await?).await?;
    drop(pending);
    dumps.push(app.database.dump().await?);
    assert_eq!(
        app.database
            .count("SELECT count(*) FROM node_command WHERE sealed IS NOT NULL")
            .await?,
        0
    );
    let log = log::text();
    assert!(log.contains("answered"), "nothing was logged");
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        assert!(!log.contains(&form), "the log holds {form}");
        assert!(
            dumps.iter().all(|dump| !dump.contains(&form)),
            "a table holds {form}"
        );
    }
    app.finish().await
}

#[tokio::test]
async fn a_request_does_not_show_its_password() -> Outcome {
    let request: CreateTenant = serde_json::from_value(json!({ "admin_password": FIRST }))?;
    let old: ProvisionTenant = serde_json::from_value(json!({ "admin_password": FIRST }))?;
    let order = json!({ "kind": "set-password", "tenant": "ten_00000000000000000000000000000001", "database": "acme",
        "password": FIRST, "sessions": "leave" });
    let order: Order = serde_json::from_value(order)?;
    for shown in [
        format!("{request:?}"),
        format!("{old:?}"),
        format!("{order:?}"),
        format!("{order:#?}"),
    ] {
        assert!(!shown.contains(FIRST) && shown.contains('…'), "{shown}");
    }
    Ok(())
}

/// Makes `acme` without a password; gives the token of its link.
async fn link_token(app: &App) -> Outcome<String> {
    let mut body = new_tenant("acme");
    body["admin_password"] = Value::Null;
    let tenant = app.post("/api/tenants", &body).await?.expect(201)?;
    let link = tenant["set_password_link"].as_str().ok_or("no link")?;
    let token = link
        .strip_prefix("https://panel.example.com/set-password#")
        .ok_or("another link")?;
    Ok(token.to_owned())
}

#[tokio::test]
async fn the_link_comes_only_when_the_tenant_is_done() -> Outcome {
    let (app, node) = App::with_node().await?;
    let mut body = new_tenant("acme");
    body["admin_password"] = Value::Null;
    let request = || {
        app.request(Method::POST, "/api/tenants")
            .header("idempotency-key", "1")
            .header("prefer", "wait=0")
            .json(&body)
    };
    let first = Answer::of(request()).await?.expect(202)?;
    assert!(first.get("set_password_link").is_none(), "{first}");
    let command = node.next().await?;
    assert!(matches!(&command.order, Order::CreateTenant(order) if order.admin_password.is_none()));
    node.done(&command).await?;
    let again = Answer::of(request()).await?.expect(201)?;
    assert!(again["set_password_link"].is_string());
    // Nobody else is shown it.
    assert!(
        !app.get("/api/tenants/acme")
            .await?
            .text
            .contains("set_password_link")
    );
    app.finish().await
}

#[tokio::test]
async fn the_link_sets_the_password_once() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let token = link_token(&app).await?;
    let body = json!({ "token": token, "new_password": SECOND });
    let bare = |body: Value| Answer::of(app.bare(Method::POST, "/set-password").json(&body));
    // A weak password does not use it up.
    for weak in ["short", "password123", "acme", ""] {
        bare(json!({ "token": token, "new_password": weak }))
            .await?
            .refuses("new_password")?;
    }
    assert_eq!(worker.seen().len(), 1);
    let set = bare(body.clone()).await?.expect(200)?;
    assert_eq!(
        set,
        json!({ "done": true, "login": "ana@example.com", "url": "https://acme.example.com/web/login" })
    );
    let seen = worker.seen();
    assert!(
        matches!(&seen[1].order, Order::SetPassword(order) if order.password.as_ref().is_some_and(|p| p.expose() == SECOND))
    );
    for _ in 0..2 {
        bare(body.clone()).await?.problem(410, "link-over")?;
    }
    assert_eq!(worker.seen().len(), 2);
    // Its token is in no table.
    assert!(!app.database.dump().await?.contains(&token) && !log::text().contains(&token));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn of_twenty_who_use_the_link_at_once_one_sets_the_password() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let token = link_token(&app).await?;
    let body = json!({ "token": token, "new_password": SECOND });
    let requests = (0..20).map(|_| Answer::of(app.bare(Method::POST, "/set-password").json(&body)));
    let mut done = 0;
    for answer in futures_util::future::try_join_all(requests).await? {
        match answer.status.as_u16() {
            200 => done += 1,
            _ => drop(answer.problem(410, "link-over")?),
        }
    }
    assert_eq!((done, worker.seen().len()), (1, 2));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_link_whose_password_could_not_be_set_works_again() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let token = link_token(&app).await?;
    let body = json!({ "token": token, "new_password": SECOND });
    let bare = |wait: &'static str| {
        Answer::of(
            app.bare(Method::POST, "/set-password")
                .header("prefer", wait)
                .json(&body),
        )
    };
    worker.answer(|_| Reply::Failed("administrator-not-found"));
    bare("wait=10").await?.problem(409, "operation-failed")?;
    worker.answer(|_| Reply::Never);
    assert_eq!(bare("wait=0").await?.expect(202)?["done"], false);
    bare("wait=0").await?.problem(410, "link-over")?;
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn the_link_ends_after_a_week_and_with_its_tenant() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let token = link_token(&app).await?;
    let body = json!({ "token": token, "new_password": SECOND });
    let bare = || Answer::of(app.bare(Method::POST, "/set-password").json(&body));
    app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    bare().await?.problem(409, "state")?;
    app.post("/api/tenants/acme/undelete", &json!({}))
        .await?
        .expect(200)?;
    app.world.advance(jiff::SignedDuration::from_hours(7 * 24 + 1));
    bare().await?.problem(410, "link-over")?;
    drop(worker);
    app.finish().await
}
