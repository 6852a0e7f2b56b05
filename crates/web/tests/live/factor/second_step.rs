//! The second step of a sign-in: bound to a challenge, of one use, counted, and over after a while.

use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, Person};
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_second_step_signs_in_and_its_challenge_is_of_one_use() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let asked = app.first_step(&ana.email).await?;
    assert_eq!(
        (&asked["role"], &asked["methods"]),
        (&json!("admin"), &json!(["totp", "recovery"]))
    );
    let challenge = &asked["challenge"];
    let code = json!(phone.code(&app, 1)?);
    let done = app
        .second_step(challenge, "totp_code", &code)
        .await?
        .expect(200)?;
    let ana = Person::of(&ana.email, &done)?;
    assert_eq!(
        app.look(&ana, "/api/auth/me").await?["methods"],
        json!(["password", "totp"])
    );
    app.second_step(challenge, "totp_code", &json!(phone.sheet[0]))
        .await?
        .problem(410, "challenge-over")?;
    // One sign-in, not two, in what people are shown of their own.
    let history = app.look(&ana, "/api/auth/history").await?;
    let outcomes: Vec<&str> = history["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["outcome"].as_str())
        .collect();
    assert_eq!(outcomes.first(), Some(&"succeeded"), "{history}");
    assert!(!outcomes.contains(&"challenged"), "{history}");
    assert_eq!(app.trail("session.challenge").await?.len(), 1);
    app.finish().await
}

#[tokio::test]
async fn a_browser_gets_its_cookies_with_the_second_step() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let asked = app.first_step(&ana.email).await?;
    let body = json!({ "challenge": asked["challenge"], "totp_code": phone.code(&app, 1)? });
    let foreign = app
        .bare(Method::POST, "/api/auth/totp/verify")
        .header("origin", "https://evil.example.com");
    Answer::of(foreign.json(&body))
        .await?
        .problem(403, "foreign-page")?;
    let answer = Answer::of(app.bare(Method::POST, "/api/auth/totp/verify").json(&body)).await?;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    let done = answer.expect(200)?;
    assert!(done["access_token"].is_null() && done["csrf_token"].is_string());
    app.finish().await
}

#[tokio::test]
async fn a_challenge_ends_after_a_while_and_after_five_wrong_codes() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let asked = app.first_step(&ana.email).await?;
    app.world.advance(SignedDuration::from_secs(301));
    let code = json!(phone.code(&app, 0)?);
    app.second_step(&asked["challenge"], "totp_code", &code)
        .await?
        .problem(410, "challenge-over")?;
    let asked = app.first_step(&ana.email).await?;
    for _ in 0..5 {
        app.second_step(&asked["challenge"], "totp_code", &json!("no code"))
            .await?
            .problem(401, "second-factor")?;
    }
    app.second_step(&asked["challenge"], "totp_code", &code)
        .await?
        .problem(410, "challenge-over")?;
    app.finish().await
}

#[tokio::test]
async fn a_wrong_code_leaves_the_challenge_for_the_right_one() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let asked = app.first_step(&ana.email).await?;
    let confirmed = json!(phone.code(&app, 0)?);
    app.second_step(&asked["challenge"], "totp_code", &confirmed)
        .await?
        .problem(401, "second-factor")?;
    let code = json!(phone.code(&app, 1)?);
    app.second_step(&asked["challenge"], "totp_code", &code)
        .await?
        .expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn made_up_challenges_and_those_of_a_changed_account_are_over() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let code = json!(phone.code(&app, 1)?);
    for made_up in ["", "0", &"0".repeat(64), "' OR 1=1 --"] {
        app.second_step(&json!(made_up), "totp_code", &code)
            .await?
            .problem(410, "challenge-over")
            .map_err(|e| format!("{made_up}: {e}"))?;
    }
    let asked = app.first_step(&ana.email).await?;
    let change = json!({ "current_password": PASSWORD, "new_password": "Quetzal-volando-48" });
    app.asked(&ana, Method::PUT, "/api/auth/password", &change)
        .await?
        .expect(204)?;
    app.second_step(&asked["challenge"], "totp_code", &code)
        .await?
        .problem(410, "challenge-over")?;
    app.finish().await
}

#[tokio::test]
async fn whoever_is_shut_out_meanwhile_stays_out() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let asked = app.first_step(&ana.email).await?;
    app.patch(
        &format!("/api/people/{}", ana.id),
        &json!({ "state": "disabled" }),
    )
    .await?
    .expect(200)?;
    let code = json!(phone.code(&app, 1)?);
    app.second_step(&asked["challenge"], "totp_code", &code)
        .await?
        .problem(410, "challenge-over")?;
    app.finish().await
}

#[tokio::test]
async fn one_way_is_shown_at_a_time() -> Outcome {
    let app = App::start().await?;
    let send =
        |body: serde_json::Value| Answer::of(app.bare(Method::POST, "/api/auth/totp/verify").json(&body));
    send(json!({ "totp_code": "000000" }))
        .await?
        .refuses("challenge")?;
    send(json!({ "challenge": "0" })).await?.refuses("totp_code")?;
    send(json!({ "challenge": "0", "totp_code": "0", "credential": {} }))
        .await?
        .refuses("credential")?;
    send(json!({ "challenge": "0", "totp_code": "0", "transport": "post" }))
        .await?
        .refuses("transport")?;
    app.finish().await
}
