//! How a tenant comes to be.

mod idempotent;
mod many;
mod secrets;

use crate::app::answer::Answer;
use crate::app::worker::{Reply, Worker};
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use testkit::eventually;
use wire::node::Order;

#[tokio::test]
async fn it_is_201_with_the_tenant_when_the_node_answers_in_time() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let mut body = new_tenant("demo_acme");
    body["language"] = json!("es_DO");
    body["country"] = json!("DO");
    body["timezone"] = json!("America/Santo_Domingo");
    let answer = app.post("/api/tenants", &body).await?;
    let location = answer.header("location").to_owned();
    let tenant = answer.expect(201)?;
    for (field, value) in [
        ("subdomain", "demo_acme"),
        ("database", "demo_acme"),
        ("url", "https://demo-acme.example.com"),
        ("company_name", "Acme S.R.L."),
        ("admin_email", "ana@example.com"),
        ("plan", "basic"),
        ("product", "odoo"),
        ("state", "active"),
        ("node", "alpha"),
        ("template", "template_tenant"),
        ("language", "es_DO"),
        ("country", "DO"),
        ("timezone", "America/Santo_Domingo"),
    ] {
        assert_eq!(tenant[field], value, "{field}");
    }
    assert!(
        tenant["operation"].is_null() && tenant["set_password_link"].is_null(),
        "{tenant}"
    );
    assert_eq!(
        location,
        format!(
            "/api/operations/{}",
            tenant["operation_id"].as_str().unwrap_or_default()
        )
    );
    let seen = worker.seen();
    let Some(Order::CreateTenant(order)) = seen.first().map(|command| &command.order) else {
        return Err(format!("not ordered: {seen:?}").into());
    };
    assert_eq!(order.admin_login, "ana@example.com");
    assert_eq!(order.base_url, "https://demo-acme.example.com");
    assert_eq!(
        order.admin_password.as_ref().map(|password| password.expose()),
        Some("Quetzal-volando-47")
    );
    assert_eq!(seen[0].generation, 1);
    // Any spelling of the name finds it.
    for spelling in ["demo_acme", "demo-acme"] {
        assert_eq!(
            app.get(&format!("/api/tenants/{spelling}")).await?.expect(200)?["id"],
            tenant["id"]
        );
    }
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn it_is_202_when_the_caller_does_not_wait_and_the_result_comes_later() -> Outcome {
    let (app, node) = App::with_node().await?;
    for (name, prefer) in [
        ("one", "wait=0"),
        ("two", "respond-async"),
        ("three", "handling=strict, wait=0"),
    ] {
        let request = app
            .request(Method::POST, "/api/tenants")
            .header("prefer", prefer)
            .json(&new_tenant(name));
        let answer = Answer::of(request).await?;
        let location = answer.header("location").to_owned();
        let tenant = answer.expect(202)?;
        assert_eq!(tenant["state"], "provisioning");
        assert_eq!(tenant["operation"], tenant["operation_id"]);
        let operation = app.get(&location).await?.expect(200)?;
        assert_eq!(
            (&operation["state"], &operation["kind"]),
            (&json!("queued"), &json!("tenant.create"))
        );
        let command = node.next().await?;
        assert_eq!(app.get(&location).await?.expect(200)?["state"], "running");
        node.done(&command).await?;
        let operation = app.get(&location).await?.expect(200)?;
        assert_eq!(
            (&operation["state"], &operation["steps"][0]["name"]),
            (&json!("succeeded"), &json!("clone"))
        );
        assert_eq!(
            app.get(&format!("/api/tenants/{name}")).await?.expect(200)?["state"],
            "active"
        );
    }
    app.finish().await
}

#[tokio::test]
async fn it_is_202_after_the_wait_when_the_node_is_away() -> Outcome {
    let (app, _node) = App::with_node().await?;
    let request = app
        .request(Method::POST, "/api/tenants")
        .header("prefer", "wait=1")
        .json(&new_tenant("acme"));
    let began = tokio::time::Instant::now();
    Answer::of(request).await?.expect(202)?;
    assert!(began.elapsed() >= Duration::from_millis(900));
    // The node is away, so its command waits for it.
    assert_eq!(app.database.open_commands().await?.len(), 1);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_creation_that_fails_on_the_node_leaves_nothing_and_its_name_is_free() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for (code, status) in [
        ("clone-failed", 502),
        ("database-exists", 409),
        ("language-not-installed", 422),
    ] {
        worker.answer(move |_| Reply::Failed(code));
        let mut body = new_tenant("acme");
        body["admin_password"] = serde_json::Value::Null;
        let problem = app
            .post("/api/tenants", &body)
            .await?
            .problem(status, "operation-failed")?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(
            detail.contains(&format!("It went wrong: {code}.")) && detail.contains("undone"),
            "{detail}"
        );
        let operation = app
            .ended(problem["operation"].as_str().unwrap_or_default())
            .await?;
        assert_eq!(
            (&operation["state"], &operation["failure"]["code"]),
            (&json!("failed"), &json!(code))
        );
        app.get("/api/tenants/acme").await?.problem(404, "not-found")?;
        for table in [
            "SELECT count(*) FROM tenant",
            "SELECT count(*) FROM name_reservation",
            "SELECT count(*) FROM one_time_link",
        ] {
            assert_eq!(app.database.count(table).await?, 0, "{table}");
        }
    }
    worker.answer(|_| Reply::Done);
    app.tenant("acme").await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn without_a_template_it_is_a_conflict_that_says_what_to_do() -> Outcome {
    let app = App::start().await?;
    let problem = app
        .post("/api/tenants", &new_tenant("acme"))
        .await?
        .problem(409, "no-template")?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("template build"))
    );
    let node = app.enrol("alpha").await?;
    app.post("/api/templates", &json!({})).await?.expect(202)?;
    app.post("/api/tenants", &new_tenant("acme"))
        .await?
        .problem(409, "no-template")?;
    let command = node.next().await?;
    node.failed(&command, "odoo-failed").await?;
    app.post("/api/tenants", &new_tenant("acme"))
        .await?
        .problem(409, "no-template")?;
    app.finish().await
}

#[tokio::test]
async fn a_new_tenant_goes_to_the_node_named_or_to_the_least_used() -> Outcome {
    let app = App::start().await?;
    let workers = [
        Worker::start(app.node_with_template("alpha").await?),
        Worker::start(app.node_with_template("beta").await?),
    ];
    let mut body = new_tenant("first");
    for (name, spelling) in [("first", "node"), ("second", "server")] {
        body = new_tenant(name);
        body[spelling] = json!("beta");
        assert_eq!(
            app.post("/api/tenants", &body).await?.expect(201)?["node"],
            "beta"
        );
    }
    for name in ["third", "fourth"] {
        assert_eq!(app.tenant(name).await?["node"], "alpha");
    }
    body["subdomain"] = json!("fifth");
    body["server"] = json!("gamma");
    app.post("/api/tenants", &body).await?.refuses("node")?;
    drop(workers);
    app.finish().await
}

#[tokio::test]
async fn an_order_that_was_given_while_the_node_waits_reaches_it_at_once() -> Outcome {
    let (app, node) = App::with_node().await?;
    let polling = tokio::spawn({
        let node = node.clone();
        async move { node.poll(&[], 8, 30).await }
    });
    let began = tokio::time::Instant::now();
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    let commands = polling.await??;
    // Nobody looks by the clock before five seconds are over.
    assert!(
        commands.len() == 1 && began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    node.done(&commands[0]).await?;
    eventually(Duration::from_secs(5), async || {
        app.database
            .open_commands()
            .await
            .is_ok_and(|open| open.is_empty())
    })
    .await?;
    app.finish().await
}

#[tokio::test]
async fn a_caller_at_another_replica_gets_the_result_too() -> Outcome {
    let (mut app, worker) = App::with_worker().await?;
    let other = app.replica().await?;
    for name in ["one", "two", "three"] {
        let request = app
            .client
            .post(format!("{other}/api/tenants"))
            .bearer_auth(&app.key)
            .json(&new_tenant(name));
        assert_eq!(Answer::of(request).await?.expect(201)?["state"], "active");
    }
    drop(worker);
    app.finish().await
}
