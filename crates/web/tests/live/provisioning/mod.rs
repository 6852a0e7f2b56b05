//! The interface of the system that this one replaces, field by field (contract 3.4).

mod fields;
mod upkeep;

use crate::app::answer::Answer;
use crate::app::worker::Reply;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

const TENANT: &str = "/api/provisioning/tenant";

async fn delete(app: &App, body: &Value) -> Outcome<Answer> {
    Answer::of(app.request(Method::DELETE, TENANT).json(body)).await
}

#[tokio::test]
async fn success_is_true_only_when_it_is_done() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    worker.answer(|_| Reply::Never);
    let requests = [
        (Method::POST, TENANT, json!({ "subdomain": "other" }), "database"),
        (
            Method::PUT,
            "/api/provisioning/tenant/suspend",
            json!({ "subdomain": "acme" }),
            "status",
        ),
    ];
    for (method, path, body, field) in requests {
        let answer = app.at_once(method, path, &body).await?;
        assert!(answer.header("location").starts_with("/api/operations/ope_"));
        let body = answer.expect(202)?;
        assert_eq!(body["success"], false, "{path}");
        assert!(
            body[field].is_string() && body.get("set_password_link").is_none(),
            "{body}"
        );
    }
    assert_eq!(
        app.get("/api/tenants/acme").await?.expect(200)?["state"],
        "active"
    );
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn what_is_under_way_is_told_as_it_is_now() -> Outcome {
    for (path, body, field, value) in [
        (
            "/api/provisioning/tenant/suspend",
            json!({ "subdomain": "acme" }),
            "suspended",
            json!(false),
        ),
        (
            "/api/provisioning/tenant/suspend",
            json!({ "subdomain": "acme" }),
            "status",
            json!("active"),
        ),
    ] {
        let (app, worker) = App::with_worker().await?;
        app.tenant("acme").await?;
        worker.answer(|_| Reply::Never);
        assert_eq!(
            app.at_once(Method::PUT, path, &body).await?.expect(202)?[field],
            value,
            "{path}"
        );
        drop(worker);
        app.finish_with_open_commands().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_failure_is_a_problem_and_never_a_success_with_a_note() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    worker.answer(|_| Reply::Failed("administrator-not-found"));
    let password = json!({ "subdomain": "acme", "new_password": "Quetzal-volando-48" });
    let named = json!({ "subdomain": "acme" });
    for answer in [
        app.post(TENANT, &json!({ "subdomain": "other" })).await?,
        app.put("/api/provisioning/tenant/password", &password).await?,
        app.put("/api/provisioning/tenant/suspend", &named).await?,
        delete(&app, &named).await?,
    ] {
        let problem = answer.problem(409, "operation-failed")?;
        assert!(problem.get("success").is_none() && problem["operation"].is_string());
    }
    let nobody = json!({ "subdomain": "nobody" });
    delete(&app, &nobody).await?.problem(404, "not-found")?;
    app.put("/api/provisioning/tenant/suspend", &nobody)
        .await?
        .problem(404, "not-found")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn the_names_that_older_clients_use_are_taken() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = json!({ "subdomain": "one", "tenant_name": "Test", "email": "eva@example.com", "node": "alpha", "language": "en_US" });
    app.post(TENANT, &body).await?.expect(200)?;
    let one = app.get("/api/tenants/one").await?.expect(200)?;
    for (field, value) in [
        ("company_name", "Test"),
        ("admin_email", "eva@example.com"),
        ("node", "alpha"),
        ("language", "en_US"),
    ] {
        assert_eq!(one[field], value, "{field}");
    }
    let body = json!({ "subdomain": "two", "tenant_name": "Test", "email": "eva@example.com", "server": "alpha",
        "plan": "pro", "language": "es" });
    assert_eq!(
        app.post("/api/tenants", &body).await?.expect(201)?["company_name"],
        "Test"
    );
    // With the name alone, the rest has defaults and the password is set through a link.
    let made = app
        .post(TENANT, &json!({ "subdomain": "three" }))
        .await?
        .expect(200)?;
    assert!(
        made["set_password_link"]
            .as_str()
            .is_some_and(|link| link.contains("/set-password#"))
    );
    let three = app.get("/api/tenants/three").await?.expect(200)?;
    for (field, value) in [
        ("company_name", "three"),
        ("admin_email", ""),
        ("plan", "basic"),
        ("language", "es"),
    ] {
        assert_eq!(three[field], value, "{field}");
    }
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_wrong_domain_or_server_is_refused_by_name() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let said = app
        .post(TENANT, &json!({ "subdomain": "acme", "domain": "other.com" }))
        .await?
        .refuses("domain")?;
    assert!(said.contains("example.com"));
    app.post(TENANT, &json!({ "subdomain": "acme", "server": "beta" }))
        .await?
        .refuses("server")?;
    app.tenant("acme").await?;
    app.put(
        "/api/provisioning/tenant/suspend",
        &json!({ "subdomain": "acme", "server": "beta" }),
    )
    .await?
    .refuses("server")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn messages_are_in_the_caller_s_language() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for (name, language, words) in [
        ("one", "es", "El espacio está listo."),
        ("two", "en", "The tenant is ready."),
    ] {
        let request = app
            .request(Method::POST, TENANT)
            .header("accept-language", language);
        let answer = Answer::of(request.json(&json!({ "subdomain": name }))).await?;
        assert_eq!(answer.header("content-language"), language);
        assert_eq!(answer.expect(200)?["message"], words);
    }
    drop(worker);
    app.finish().await
}
