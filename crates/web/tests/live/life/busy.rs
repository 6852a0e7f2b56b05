//! One operation at a time on a tenant.

use super::{operation_of, quiet, with_tenant};
use crate::app::answer::Answer;
use crate::app::worker::Reply;
use crate::app::{App, Outcome, new_tenant};
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};

/// Every change of `acme` that is an operation.
fn changes() -> Vec<(Method, &'static str, Value)> {
    let password = json!({ "new_password": "Quetzal-volando-48" });
    let named = json!({ "subdomain": "acme" });
    vec![
        (Method::POST, "/api/tenants/acme/password", password),
        (
            Method::PATCH,
            "/api/tenants/acme",
            json!({ "subdomain": "other" }),
        ),
        (Method::POST, "/api/tenants/acme/suspend", json!({})),
        (Method::POST, "/api/tenants/acme/resume", json!({})),
        (Method::DELETE, "/api/tenants/acme?confirm=acme", Value::Null),
        (Method::POST, "/api/tenants/acme/undelete", json!({})),
        (
            Method::POST,
            "/api/tenants/acme/purge",
            json!({ "confirm": "acme" }),
        ),
        (Method::PUT, "/api/provisioning/tenant/suspend", named.clone()),
        (
            Method::PUT,
            "/api/provisioning/tenant/password",
            json!({ "subdomain": "acme", "new_password": "Quetzal-volando-48" }),
        ),
        (Method::DELETE, "/api/provisioning/tenant", named),
    ]
}

async fn all_are_busy(app: &App, operation: &str) -> Outcome {
    for (method, path, body) in changes() {
        let answer = Answer::of(app.request(method.clone(), path).json(&body)).await?;
        let problem = answer
            .problem(409, "busy")
            .map_err(|e| format!("{method} {path}: {e}"))?;
        assert_eq!(problem["operation"], operation, "{method} {path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_second_operation_is_refused_and_told_which_one_is_under_way() -> Outcome {
    let (app, worker) = with_tenant().await?;
    worker.answer(|_| Reply::Never);
    let operation = operation_of(
        app.at_once(Method::POST, "/api/tenants/acme/suspend", &json!({}))
            .await?,
    )?;
    let before = app.database.dump().await?;
    all_are_busy(&app, &operation).await?;
    assert!(before.contains("tenant.suspend"));
    // What needs no node can be changed all the same.
    app.patch("/api/tenants/acme", &json!({ "plan": "pro" }))
        .await?
        .expect(200)?;
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_tenant_that_is_being_made_is_busy() -> Outcome {
    let (app, node) = App::with_node().await?;
    let operation = operation_of(
        app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
            .await?,
    )?;
    all_are_busy(&app, &operation).await?;
    let command = node.next().await?;
    all_are_busy(&app, &operation).await?;
    node.done(&command).await?;
    app.finish().await
}

#[tokio::test]
async fn of_many_operations_at_once_one_begins() -> Outcome {
    let (app, worker) = with_tenant().await?;
    worker.answer(|_| Reply::Never);
    let bodies = ["unpaid", "manual", "abuse", "quota"].map(|reason| json!({ "reason": reason }));
    let requests =
        (0..40).map(|number| app.at_once(Method::POST, "/api/tenants/acme/suspend", &bodies[number % 4]));
    let mut begun = 0;
    for answer in try_join_all(requests).await? {
        match answer.status.as_u16() {
            202 => begun += 1,
            _ => assert!(answer.problem(409, "busy")?["operation"].is_string()),
        }
    }
    assert_eq!(begun, 1);
    assert_eq!(app.database.open_commands().await?.len(), 1);
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn operations_one_after_another_have_growing_generations() -> Outcome {
    let (app, worker) = with_tenant().await?;
    for (path, body) in [
        ("suspend", json!({})),
        ("resume", json!({})),
        ("password", json!({ "new_password": "Quetzal-volando-48" })),
    ] {
        app.post(&format!("/api/tenants/acme/{path}"), &body)
            .await?
            .expect(200)?;
    }
    quiet(&app.database).await?;
    let generations: Vec<i64> = worker.seen().iter().map(|command| command.generation).collect();
    assert_eq!(generations, [1, 2, 3, 4]);
    drop(worker);
    app.finish().await
}
