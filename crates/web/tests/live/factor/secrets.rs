//! Secrets of second factors: sealed or hashed at rest, in no log.

use super::Phone;
use crate::app::answer::Answer;
use crate::app::{App, Outcome, log};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn neither_the_database_nor_the_log_holds_a_secret_a_code_or_a_challenge() -> Outcome {
    log::capture_down_to(tracing::Level::TRACE);
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let setup = Answer::of(app.by(&ana, Method::POST, "/api/auth/2fa/setup"))
        .await?
        .expect(200)?;
    let phone = Phone::of(&setup)?;
    let code = phone.code(&app, 0)?;
    app.asked(
        &ana,
        Method::POST,
        "/api/auth/2fa/verify",
        &json!({ "code": code }),
    )
    .await?
    .expect(200)?;
    let asked = app.first_step(&ana.email).await?;
    let challenge = asked["challenge"].as_str().ok_or("no challenge")?;
    app.second_step(&asked["challenge"], "totp_code", &json!("000000"))
        .await?
        .problem(401, "second-factor")?;
    app.log_in(&ana.email, phone.sheet.first().map(String::as_str))
        .await?
        .expect(200)?;
    let (dump, log) = (app.database.dump().await?, log::text());
    assert!(
        dump.contains("totp_factor") || dump.contains(&ana.email),
        "an empty dump shows nothing"
    );
    let raw: String = super::base32(&phone.secret)?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let picture = setup["qr_code"].as_str().unwrap_or_default().to_owned();
    let mut secrets = vec![phone.secret.clone(), raw, challenge.to_owned(), picture];
    for code in &phone.sheet {
        secrets.push(code.clone());
        secrets.push(code.replace('-', ""));
    }
    for secret in secrets {
        let held = |text: &str| text.to_lowercase().contains(&secret.to_lowercase());
        assert!(!held(&dump), "the database holds {secret}");
        assert!(!held(&log), "the log holds {secret}");
    }
    app.finish_despite(&super::SAID).await
}

#[tokio::test]
async fn codes_work_on_after_the_server_s_keys_were_rotated() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    app.control
        .rotate_keys(&control::Caller::system(), control::Reencrypt::All)
        .await?;
    let code = phone.code(&app, 1)?;
    app.log_in(&ana.email, Some(&code)).await?.expect(200)?;
    app.finish().await
}
