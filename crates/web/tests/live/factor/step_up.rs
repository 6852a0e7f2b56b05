//! Proving anew who one is, before what can do great harm.

use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, Person};
use crate::app::{App, Outcome};
use crate::routes::table::{Access, table};
use domain::Guarded;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody whose proof is a quarter of an hour old.
async fn stale(app: &App, person: &Person) -> Outcome<Person> {
    app.world.advance(SignedDuration::from_mins(16));
    app.renewed(person).await
}

async fn invites(app: &App, person: &Person) -> Outcome<Answer> {
    let body = json!({ "email": format!("new{}@example.com", app.world.uuid().simple()), "role": "viewer" });
    app.asked(person, Method::POST, "/api/people/invitations", &body)
        .await
}

fn methods(problem: &Value) -> Vec<&str> {
    let list = problem["methods"].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn everything_of_the_table_wants_a_proof_that_is_not_long_ago() -> Outcome {
    let app = App::start().await?;
    let owner = app.staff("owner").await?;
    let owner = stale(&app, &owner).await?;
    let mut seen = 0;
    for route in table() {
        let Access::May(action) = route.access else {
            continue;
        };
        let place = format!("{} {}", route.method, route.pattern);
        let request = app.by(&owner, route.method.clone(), &route.path);
        let request = match &route.body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = Answer::of(request).await?;
        if Guarded::of(action).is_some() {
            seen += 1;
            let problem = answer
                .problem(403, "step-up-required")
                .map_err(|e| format!("{place}: {e}"))?;
            assert_eq!(methods(&problem), ["password"], "{place}");
        } else {
            assert!(
                answer.status != 401 && answer.json["type"] != "/problems/step-up-required",
                "{place}: {}",
                answer.text
            );
        }
    }
    assert!(seen > 15, "{seen}");
    assert!(!app.trail("refused.step-up").await?.is_empty());
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn whoever_has_no_second_factor_proves_it_with_the_password() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    invites(&app, &ana).await?.expect(201)?;
    let ana = stale(&app, &ana).await?;
    invites(&app, &ana).await?.problem(403, "step-up-required")?;
    let prove = |body: Value| Answer::of(app.by(&ana, Method::POST, "/api/auth/step-up").json(&body));
    prove(json!({ "password": "Wrong-wrong-1" }))
        .await?
        .refuses("password")?;
    invites(&app, &ana).await?.problem(403, "step-up-required")?;
    prove(json!({ "code": "000000" }))
        .await?
        .problem(403, "step-up-required")?;
    prove(json!({})).await?.refuses("code")?;
    let proved = prove(json!({ "password": PASSWORD })).await?.expect(200)?;
    assert_eq!(proved["method"], json!("password"));
    invites(&app, &ana).await?.expect(201)?;
    assert_eq!(app.trail("session.step-up").await?.len(), 1);
    // And it is over again after a while.
    let ana = stale(&app, &ana).await?;
    invites(&app, &ana).await?.problem(403, "step-up-required")?;
    app.finish().await
}

#[tokio::test]
async fn with_a_second_factor_the_password_proves_nothing() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let ana = stale(&app, &ana).await?;
    let problem = invites(&app, &ana).await?.problem(403, "step-up-required")?;
    assert_eq!(methods(&problem), ["totp", "recovery"]);
    let prove = |body: Value| Answer::of(app.by(&ana, Method::POST, "/api/auth/step-up").json(&body));
    let refused = prove(json!({ "password": PASSWORD }))
        .await?
        .problem(403, "step-up-required")?;
    assert_eq!(methods(&refused), ["totp", "recovery"]);
    let code = json!({ "code": phone.code(&app, 0)? });
    prove(code.clone()).await?.expect(200)?;
    prove(code).await?.refuses("code")?;
    invites(&app, &ana).await?.expect(201)?;
    app.finish().await
}

#[tokio::test]
async fn a_proof_is_of_its_session_alone() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let elsewhere = app.sign_in(&ana.email).await?;
    let ana = stale(&app, &ana).await?;
    let elsewhere = app.renewed(&elsewhere).await?;
    app.asked(
        &ana,
        Method::POST,
        "/api/auth/step-up",
        &json!({ "password": PASSWORD }),
    )
    .await?
    .expect(200)?;
    invites(&app, &ana).await?.expect(201)?;
    invites(&app, &elsewhere)
        .await?
        .problem(403, "step-up-required")?;
    app.finish().await
}

#[tokio::test]
async fn keys_prove_nothing_and_need_not() -> Outcome {
    let app = App::start().await?;
    app.world.advance(SignedDuration::from_hours(24));
    let body = json!({ "email": "eva@example.com", "role": "viewer" });
    app.post("/api/people/invitations", &body).await?.expect(201)?;
    app.post("/api/auth/step-up", &json!({ "password": PASSWORD }))
        .await?
        .problem(403, "forbidden")?;
    app.finish().await
}

#[tokio::test]
async fn own_factors_want_it_and_the_setting_says_for_how_long() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    app.put_value("factor.fresh_minutes", json!(60)).await?;
    app.control.look_again().await?;
    let ana = stale(&app, &ana).await?;
    invites(&app, &ana).await?.expect(201)?;
    app.put_value("factor.fresh_minutes", json!(1)).await?;
    app.control.look_again().await?;
    for path in ["/api/auth/2fa/setup", "/api/auth/passkeys/options"] {
        Answer::of(app.by(&ana, Method::POST, path))
            .await?
            .problem(403, "step-up-required")?;
    }
    app.finish().await
}

#[tokio::test]
async fn closing_many_tenants_wants_it_and_looking_what_it_would_do_does_not() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let ana = stale(&app, &ana).await?;
    let dry = json!({ "action": "suspend", "all": true, "dry_run": true });
    app.asked(&ana, Method::POST, "/api/bulk", &dry)
        .await?
        .expect(200)?;
    let wet = json!({ "action": "suspend", "all": true });
    app.asked(&ana, Method::POST, "/api/bulk", &wet)
        .await?
        .problem(403, "step-up-required")?;
    app.finish().await
}
