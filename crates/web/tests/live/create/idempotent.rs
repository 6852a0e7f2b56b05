//! A repeated request is the same request.

use crate::app::answer::Answer;
use crate::app::worker::Reply;
use crate::app::{App, Outcome, new_tenant};
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};

async fn with_key(app: &App, path: &str, key: &str, body: &Value) -> Outcome<Answer> {
    Answer::of(
        app.request(Method::POST, path)
            .header("idempotency-key", key)
            .json(body),
    )
    .await
}

#[tokio::test]
async fn the_same_request_with_the_same_key_gives_the_same_answer() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let mut body = new_tenant("acme");
    body["admin_password"] = Value::Null;
    let first = with_key(&app, "/api/tenants", "order 1", &body)
        .await?
        .expect(201)?;
    assert!(first["set_password_link"].is_string());
    let before = app.database.dump().await?;
    for _ in 0..3 {
        assert_eq!(
            with_key(&app, "/api/tenants", "order 1", &body)
                .await?
                .expect(201)?,
            first
        );
    }
    app.database.still(&before).await?;
    assert_eq!(worker.seen().len(), 1);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn twenty_at_once_are_one() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = new_tenant("acme");
    let answers = try_join_all((0..20).map(|_| with_key(&app, "/api/tenants", "order 1", &body))).await?;
    let mut bodies = Vec::new();
    for answer in answers {
        bodies.push(answer.expect(201)?);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert_eq!(
        app.database
            .count("SELECT count(*) FROM operation WHERE kind = 'tenant.create'")
            .await?,
        1
    );
    assert_eq!(worker.seen().len(), 1);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn another_request_with_the_same_key_is_refused() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = new_tenant("acme");
    with_key(&app, "/api/tenants", "order 1", &body)
        .await?
        .expect(201)?;
    for (field, value) in [
        ("subdomain", "other"),
        ("admin_password", "Another-Quetzal-48"),
        ("plan", "pro"),
    ] {
        let mut other = body.clone();
        other[field] = json!(value);
        let answer = with_key(&app, "/api/tenants", "order 1", &other).await?;
        answer
            .problem(422, "idempotency-key-reused")
            .map_err(|e| format!("{field}: {e}"))?;
    }
    let suspend = with_key(&app, "/api/tenants/acme/suspend", "order 1", &json!({})).await?;
    suspend.problem(422, "idempotency-key-reused")?;
    assert_eq!(worker.seen().len(), 1);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn keys_of_different_callers_do_not_meet() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let other = app
        .post("/api/keys", &json!({ "name": "other" }))
        .await?
        .expect(201)?;
    with_key(&app, "/api/tenants", "order 1", &new_tenant("acme"))
        .await?
        .expect(201)?;
    let request = app
        .bare(Method::POST, "/api/tenants")
        .bearer_auth(other["secret"].as_str().unwrap_or_default());
    let request = request
        .header("idempotency-key", "order 1")
        .json(&new_tenant("other"));
    Answer::of(request).await?.expect(201)?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_repeated_request_that_failed_fails_alike_and_a_new_key_tries_again() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    worker.answer(|_| Reply::Failed("clone-failed"));
    let body = new_tenant("acme");
    let first = with_key(&app, "/api/tenants", "order 1", &body)
        .await?
        .problem(502, "operation-failed")?;
    worker.answer(|_| Reply::Done);
    let again = with_key(&app, "/api/tenants", "order 1", &body)
        .await?
        .problem(502, "operation-failed")?;
    assert_eq!(first["operation"], again["operation"]);
    with_key(&app, "/api/tenants", "order 2", &body)
        .await?
        .expect(201)?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn every_change_can_be_repeated_by_its_key() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let seen = worker.seen().len();
    let rename = json!({ "subdomain": "acme2", "plan": "pro" });
    let steps: [(Method, &str, Value); 7] = [
        (
            Method::POST,
            "/api/tenants/acme/password",
            json!({ "new_password": "Another-Quetzal-48" }),
        ),
        (Method::PATCH, "/api/tenants/acme", rename),
        (Method::POST, "/api/tenants/acme2/suspend", json!({})),
        (Method::POST, "/api/tenants/acme2/resume", json!({})),
        (Method::DELETE, "/api/tenants/acme2?confirm=acme2", json!({})),
        (Method::POST, "/api/tenants/acme2/undelete", json!({})),
        (Method::POST, "/api/templates", json!({})),
    ];
    for (number, (method, path, body)) in steps.iter().enumerate() {
        let mut operations = Vec::new();
        for _ in 0..2 {
            let request = app
                .request(method.clone(), path)
                .header("idempotency-key", format!("step {number}"))
                .json(body);
            let answer = Answer::of(request).await?;
            assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
            operations.push(answer.header("location").to_owned());
        }
        assert_eq!(operations[0], operations[1], "{method} {path}");
        app.ended(operations[0].rsplit('/').next().unwrap_or_default())
            .await?;
    }
    assert_eq!(worker.seen().len() - seen, steps.len());
    drop(worker);
    app.finish().await
}
