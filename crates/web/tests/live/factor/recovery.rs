//! Recovery codes: each once, and others in their place.

use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_recovery_code_comes_in_once_however_it_is_written() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let [first, second, ..] = &phone.sheet[..] else {
        return Err("no sheet".into());
    };
    let spoken = first.replace('-', " ").to_uppercase();
    let entered = app.log_in(&ana.email, Some(&spoken)).await?.expect(200)?;
    let ana = Person::of(&ana.email, &entered)?;
    assert_eq!(
        app.look(&ana, "/api/auth/me").await?["methods"],
        json!(["password", "recovery"])
    );
    assert_eq!(
        app.look(&ana, "/api/auth/2fa/status").await?["remaining_backup_codes"],
        json!(9)
    );
    app.log_in(&ana.email, Some(first))
        .await?
        .problem(401, "second-factor")?;
    let (one, two) = tokio::join!(
        app.log_in(&ana.email, Some(second)),
        app.log_in(&ana.email, Some(second))
    );
    let mut statuses = [one?.status.as_u16(), two?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    app.finish().await
}

#[tokio::test]
async fn another_s_recovery_code_is_none() -> Outcome {
    let app = App::start().await?;
    let (ana, eva) = (app.staff("admin").await?, app.staff("viewer").await?);
    app.enrol_phone(&ana).await?;
    let foreign = app.enrol_phone(&eva).await?;
    app.log_in(&ana.email, foreign.sheet.first().map(String::as_str))
        .await?
        .problem(401, "second-factor")?;
    app.log_in(&eva.email, foreign.sheet.first().map(String::as_str))
        .await?
        .expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn other_recovery_codes_void_the_earlier_ones() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let renew = |body: &serde_json::Value| {
        app.by(&ana, Method::POST, "/api/auth/2fa/backup-codes/regenerate")
            .json(body)
    };
    Answer::of(renew(&json!({})))
        .await?
        .problem(409, "second-factor-missing")?;
    let phone = app.enrol_phone(&ana).await?;
    Answer::of(renew(&json!({ "code": "000000" })))
        .await?
        .refuses("code")?;
    let made = Answer::of(renew(&json!({ "code": phone.code(&app, 1)? })))
        .await?
        .expect(200)?;
    let codes = made["backup_codes"].as_array().ok_or("no codes")?;
    assert_eq!(codes.len(), 10);
    app.log_in(&ana.email, phone.sheet.first().map(String::as_str))
        .await?
        .problem(401, "second-factor")?;
    app.log_in(&ana.email, codes[0].as_str()).await?.expect(200)?;
    assert_eq!(app.trail("factor.recovery").await?.len(), 1);
    app.finish().await
}
