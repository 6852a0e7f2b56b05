//! Signing in with a passkey alone.

use super::SAID;
use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Authenticator;

async fn asked(app: &App) -> Outcome<Value> {
    let answer = Answer::of(app.bare(Method::POST, "/api/auth/passkey/options")).await?;
    assert!(!answer.headers.contains_key("set-cookie"));
    answer.expect(200)
}

async fn comes(app: &App, asked: &Value, key: &mut Authenticator) -> Outcome<Answer> {
    let credential = key.get(&asked["options"])?;
    let body = json!({ "challenge": asked["challenge"], "credential": credential, "transport": "bearer" });
    Answer::of(app.bare(Method::POST, "/api/auth/passkey/login").json(&body)).await
}

#[tokio::test]
async fn a_passkey_alone_signs_in_and_is_fresh_proof() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (_, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    let ceremony = asked(&app).await?;
    assert_eq!(ceremony["options"]["allowCredentials"], json!([]));
    assert_eq!(ceremony["options"]["userVerification"], json!("required"));
    let entered = comes(&app, &ceremony, &mut key).await?.expect(200)?;
    assert_eq!(
        (&entered["role"], &entered["user_id"]),
        (&json!("admin"), &json!(ana.id))
    );
    let ana = Person::of(&ana.email, &entered)?;
    assert_eq!(
        app.look(&ana, "/api/auth/me").await?["methods"],
        json!(["passkey"])
    );
    let invitation = json!({ "email": "eva@example.com", "role": "viewer" });
    app.asked(&ana, Method::POST, "/api/people/invitations", &invitation)
        .await?
        .expect(201)?;
    comes(&app, &ceremony, &mut key)
        .await?
        .problem(410, "challenge-over")?;
    app.finish().await
}

#[tokio::test]
async fn whatever_is_wrong_with_it_the_answer_is_one() -> Outcome {
    let app = App::start().await?;
    let (ana, eva) = (app.staff("admin").await?, app.staff("viewer").await?);
    let (_, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    let (_, mut other) = app.enrol_passkey(&eva, "Phone").await?;
    let own = key.handle.clone();
    let mut said = Vec::new();
    let mut note = |problem: Value| {
        let mut problem = problem;
        problem["request_id"] = Value::Null;
        said.push(problem.to_string());
    };
    let mut impostor = key.impostor()?;
    note(
        comes(&app, &asked(&app).await?, &mut impostor)
            .await?
            .problem(401, "second-factor")?,
    );
    // Of another person, of nobody, of no name.
    for handle in [other.handle.clone(), vec![7; 16], vec![7; 3], Vec::new()] {
        key.handle = handle;
        note(
            comes(&app, &asked(&app).await?, &mut key)
                .await?
                .problem(401, "second-factor")?,
        );
    }
    key.handle = own;
    key.origin = "https://evil.example.com".to_owned();
    note(
        comes(&app, &asked(&app).await?, &mut key)
            .await?
            .problem(401, "second-factor")?,
    );
    app.patch(
        &format!("/api/people/{}", eva.id),
        &json!({ "state": "disabled" }),
    )
    .await?
    .expect(200)?;
    note(
        comes(&app, &asked(&app).await?, &mut other)
            .await?
            .problem(401, "second-factor")?,
    );
    let nothing = json!({ "challenge": asked(&app).await?["challenge"], "credential": {} });
    let request = app.bare(Method::POST, "/api/auth/passkey/login").json(&nothing);
    note(Answer::of(request).await?.problem(401, "second-factor")?);
    assert!(said.iter().all(|one| Some(one) == said.first()), "{said:?}");
    app.finish_despite(&SAID).await
}

#[tokio::test]
async fn a_ceremony_ends_and_one_of_a_second_step_is_none() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (_, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    let late = asked(&app).await?;
    app.world.advance(SignedDuration::from_secs(301));
    comes(&app, &late, &mut key)
        .await?
        .problem(410, "challenge-over")?;
    let step = app.first_step(&ana.email).await?;
    let other = json!({ "challenge": step["challenge"], "options": step["passkey"] });
    comes(&app, &other, &mut key)
        .await?
        .problem(410, "challenge-over")?;
    app.finish().await
}

#[tokio::test]
async fn not_many_ceremonies_wait_at_a_time() -> Outcome {
    let app = App::start().await?;
    for _ in 0..50 {
        asked(&app).await?;
    }
    Answer::of(app.bare(Method::POST, "/api/auth/passkey/options"))
        .await?
        .problem(429, "too-many-attempts")?;
    app.world.advance(SignedDuration::from_secs(301));
    asked(&app).await?;
    app.finish().await
}
