//! A database that is away is told as such; it is never an empty list.

use crate::app::answer::Answer;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::TestCluster;
use tokio::time::Instant;

#[tokio::test]
async fn without_postgresql_everything_is_503_and_says_so() -> Outcome {
    let app = App::on(TestCluster::start().await?).await?;
    let node = app.node_with_template("alpha").await?;
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    assert_eq!(app.get("/api/tenants").await?.expect(200)?["total"], 1);
    let (cluster, running) = app.take_cluster();
    cluster.stop().await;
    let began = Instant::now();
    for (method, path, body) in [
        (Method::GET, "/api/tenants", Value::Null),
        (Method::GET, "/api/provisioning/tenants", Value::Null),
        (Method::GET, "/api/tenants/acme", Value::Null),
        (Method::GET, "/api/operations", Value::Null),
        (Method::POST, "/api/tenants", new_tenant("other")),
        (
            Method::PUT,
            "/api/provisioning/tenant/suspend",
            json!({ "subdomain": "acme" }),
        ),
    ] {
        let request = running
            .client
            .request(method.clone(), format!("{}{path}", running.base))
            .bearer_auth(&running.key);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let answer = Answer::of(request.header("accept-language", "es")).await?;
        assert_eq!(answer.header("retry-after"), "5", "{method} {path}");
        let problem = answer
            .problem(503, "unavailable")
            .map_err(|e| format!("{method} {path}: {e}"))?;
        assert_eq!(problem["title"], "No disponible");
        assert!(problem.get("items").is_none() && problem.get("tenants").is_none());
    }
    let ready = Answer::of(running.client.get(format!("{}/ready", running.base))).await?;
    ready.problem(503, "unavailable")?;
    Answer::of(running.client.get(format!("{}/health", running.base)))
        .await?
        .expect(200)?;
    // A node is not told that it is unknown, nor that there is nothing to do.
    let answer = Answer::of(node.request(Method::GET, "/node/v1/commands?slots=1&wait=0&version=1")).await?;
    answer.problem(503, "unavailable")?;
    assert!(began.elapsed() < Duration::from_secs(60));
    Ok(())
}

#[tokio::test]
async fn connections_that_break_are_made_anew_and_nothing_is_lost() -> Outcome {
    let (app, node) = App::with_node().await?;
    let request = app
        .request(Method::POST, "/api/tenants")
        .header("prefer", "wait=20")
        .json(&new_tenant("acme"));
    let waiting = tokio::spawn(Answer::of(request));
    let command = node.next().await?;
    let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(app.database.count(others).await? > 0);
    node.done(&command).await?;
    assert_eq!(waiting.await??.expect(201)?["state"], "active");
    assert_eq!(app.get("/api/tenants").await?.expect(200)?["total"], 1);
    app.finish_despite(&[
        "listening to the control database was interrupted",
        "the settings could not be read",
        "the queue could not be looked after",
        "something regular went wrong",
        "a job could not be written down",
        "error occurred while testing the connection",
        "terminating connection",
    ])
    .await
}
