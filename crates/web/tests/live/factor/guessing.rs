//! Guessing codes: not many, and recovery codes stay the way in.

use super::Phone;
use crate::app::{App, Outcome};
use jiff::SignedDuration;

/// Tries so many codes that are wrong.
async fn guess(app: &App, email: &str, phone: &Phone, times: usize) -> Outcome {
    let right = phone.code(app, 0)?;
    let wrong = if right.starts_with('9') {
        "111111"
    } else {
        "999999"
    };
    for _ in 0..times {
        app.log_in(email, Some(wrong))
            .await?
            .problem(401, "second-factor")?;
    }
    Ok(())
}

#[tokio::test]
async fn after_five_wrong_codes_from_an_address_even_the_right_one_waits() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    guess(&app, &ana.email, &phone, 5).await?;
    let right = phone.code(&app, 1)?;
    let refused = app.log_in(&ana.email, Some(&right)).await?;
    assert!(refused.headers.contains_key("retry-after"));
    refused.problem(429, "too-many-attempts")?;
    app.finish().await
}

#[tokio::test]
async fn after_ten_wrong_codes_a_day_only_another_way_is_left() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    for _ in 0..2 {
        guess(&app, &ana.email, &phone, 5).await?;
        app.world.advance(SignedDuration::from_mins(16));
    }
    let right = phone.code(&app, 0)?;
    app.log_in(&ana.email, Some(&right))
        .await?
        .problem(429, "too-many-attempts")?;
    assert!(app.refused_because().await?.contains(&"limit".to_owned()));
    // Whoever knows the password locks nobody out with wrong codes.
    app.log_in(&ana.email, phone.sheet.first().map(String::as_str))
        .await?
        .expect(200)?;
    app.world.advance(SignedDuration::from_hours(24));
    let right = phone.code(&app, 0)?;
    app.log_in(&ana.email, Some(&right)).await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn a_session_guesses_no_more_than_a_sign_in() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    app.enrol_phone(&ana).await?;
    let body = serde_json::json!({ "code": "000000" });
    for _ in 0..5 {
        app.asked(&ana, reqwest::Method::POST, "/api/auth/2fa/disable", &body)
            .await?
            .refuses("code")?;
    }
    app.asked(&ana, reqwest::Method::POST, "/api/auth/step-up", &body)
        .await?
        .problem(429, "too-many-attempts")?;
    app.finish().await
}

#[tokio::test]
async fn a_code_helps_nobody_without_the_password() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let mut said = Vec::new();
    for email in [ana.email.as_str(), "nobody@example.com"] {
        for code in [None, Some(phone.code(&app, 1)?)] {
            let mut body = serde_json::json!({ "email": email, "password": "Wrong-wrong-1" });
            if let Some(code) = code {
                body["totp_code"] = serde_json::json!(code);
            }
            let request = app.bare(reqwest::Method::POST, "/api/auth/login").json(&body);
            let mut answer = crate::app::answer::Answer::of(request)
                .await?
                .problem(401, "credentials")?;
            answer["request_id"] = serde_json::Value::Null;
            said.push(answer.to_string());
        }
    }
    assert!(said.iter().all(|text| Some(text) == said.first()), "{said:?}");
    app.finish().await
}
