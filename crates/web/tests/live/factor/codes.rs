//! Codes of an app: set up, used once, taken away.

use super::Phone;
use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, Person};
use crate::app::{App, Outcome, Replica};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_set_up_counts_once_a_code_confirmed_it_and_other_sessions_end() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let elsewhere = app.sign_in(&ana.email).await?;
    let setup = Answer::of(app.by(&ana, Method::POST, "/api/auth/2fa/setup"))
        .await?
        .expect(200)?;
    let phone = Phone::of(&setup)?;
    assert_eq!(phone.sheet.len(), 10);
    let picture = setup["qr_code"].as_str().unwrap_or_default();
    assert!(picture.starts_with("data:image/svg+xml;base64,"), "{picture}");
    let uri = setup["otpauth_uri"].as_str().unwrap_or_default();
    assert!(
        uri.starts_with("otpauth://totp/Tenantry:") && uri.contains(&phone.secret),
        "{uri}"
    );
    // Nothing is asked for yet, and the sheet stands in for nothing.
    app.log_in(&ana.email, None).await?.expect(200)?;
    let status = app.look(&ana, "/api/auth/2fa/status").await?;
    assert_eq!(
        (&status["enabled"], &status["remaining_backup_codes"]),
        (&json!(false), &json!(0))
    );
    let verify = |code: String| {
        app.by(&ana, Method::POST, "/api/auth/2fa/verify")
            .json(&json!({ "code": code }))
    };
    Answer::of(verify("000000".to_owned())).await?.refuses("code")?;
    Answer::of(verify(phone.code(&app, -3)?)).await?.refuses("code")?;
    Answer::of(verify(phone.sheet[0].clone()))
        .await?
        .refuses("code")?;
    Answer::of(verify(phone.code(&app, 0)?)).await?.expect(200)?;
    let status = app.look(&ana, "/api/auth/2fa/status").await?;
    assert_eq!(
        (&status["enabled"], &status["remaining_backup_codes"]),
        (&json!(true), &json!(10))
    );
    Answer::of(app.by(&elsewhere, Method::GET, "/api/auth/me"))
        .await?
        .problem(401, "unauthenticated")?;
    Answer::of(verify(phone.code(&app, 1)?))
        .await?
        .problem(409, "second-factor-there")?;
    Answer::of(app.by(&ana, Method::POST, "/api/auth/2fa/setup"))
        .await?
        .problem(409, "second-factor-there")?;
    assert_eq!(app.trail("factor.begin").await?.len(), 1);
    assert_eq!(app.trail("factor.add").await?, [format!("{} {}", ana.id, ana.id)]);
    app.finish().await
}

#[tokio::test]
async fn another_set_up_takes_the_place_of_one_that_nobody_confirmed() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let begin = || app.by(&ana, Method::POST, "/api/auth/2fa/setup");
    let first = Phone::of(&Answer::of(begin()).await?.expect(200)?)?;
    let second = Phone::of(&Answer::of(begin()).await?.expect(200)?)?;
    let verify = |code: String| {
        app.by(&ana, Method::POST, "/api/auth/2fa/verify")
            .json(&json!({ "code": code }))
    };
    Answer::of(verify(first.code(&app, 0)?)).await?.refuses("code")?;
    Answer::of(verify(second.code(&app, 0)?)).await?.expect(200)?;
    // The sheet of the first is of no worth.
    app.log_in(&ana.email, first.sheet.first().map(String::as_str))
        .await?
        .problem(401, "second-factor")?;
    app.log_in(&ana.email, second.sheet.first().map(String::as_str))
        .await?
        .expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn a_code_works_once_on_whatever_server_and_none_before_it_does() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    // What confirmed the set-up is used up, too.
    let confirmed = phone.code(&app, 0)?;
    app.log_in(&ana.email, Some(&confirmed))
        .await?
        .problem(401, "second-factor")?;
    let code = phone.code(&app, 1)?;
    let entered = app.log_in(&ana.email, Some(&code)).await?.expect(200)?;
    let me = app
        .look(&Person::of(&ana.email, &entered)?, "/api/auth/me")
        .await?;
    assert_eq!(me["methods"], json!(["password", "totp"]));
    app.log_in(&ana.email, Some(&code))
        .await?
        .problem(401, "second-factor")?;
    // A server that was started just now knows it as well, for it stands in the database.
    let replica = Replica::start(&app).await?;
    let body = json!({ "email": ana.email, "password": PASSWORD, "totp_code": code });
    Answer::of(replica.bare(Method::POST, "/api/auth/login").json(&body))
        .await?
        .problem(401, "second-factor")?;
    app.log_in(&ana.email, Some(&confirmed))
        .await?
        .problem(401, "second-factor")?;
    assert!(app.refused_because().await?.contains(&"replayed".to_owned()));
    // Its database is gone a moment later.
    drop(replica);
    app.finish().await
}

#[tokio::test]
async fn codes_of_another_time_are_refused() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    app.world.advance(SignedDuration::from_mins(10));
    for steps in [-2, 2, -20] {
        let code = phone.code(&app, steps)?;
        app.log_in(&ana.email, Some(&code))
            .await?
            .problem(401, "second-factor")
            .map_err(|e| format!("{steps}: {e}"))?;
    }
    // A clock that is half a minute off is let through.
    app.log_in(&ana.email, Some(&phone.code(&app, -1)?))
        .await?
        .expect(200)?;
    app.log_in(&ana.email, Some(&phone.code(&app, 1)?))
        .await?
        .expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn of_two_who_bring_one_code_at_once_one_comes_in() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let code = phone.code(&app, 1)?;
    let (one, two) = tokio::join!(
        app.log_in(&ana.email, Some(&code)),
        app.log_in(&ana.email, Some(&code))
    );
    let mut statuses = [one?.status.as_u16(), two?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    app.finish().await
}

#[tokio::test]
async fn codes_are_taken_away_with_a_code_and_the_sheet_goes_with_them() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let phone = app.enrol_phone(&ana).await?;
    let disable = |code: &str| {
        let body = json!({ "code": code });
        app.by(&ana, Method::POST, "/api/auth/2fa/disable").json(&body)
    };
    Answer::of(disable("000000")).await?.refuses("code")?;
    Answer::of(disable(&phone.code(&app, 1)?)).await?.expect(200)?;
    let status = app.look(&ana, "/api/auth/2fa/status").await?;
    assert_eq!(
        (&status["enabled"], &status["remaining_backup_codes"]),
        (&json!(false), &json!(0))
    );
    app.log_in(&ana.email, None).await?.expect(200)?["access_token"]
        .as_str()
        .ok_or("a second factor is asked for still")?;
    Answer::of(
        app.by(&ana, Method::POST, "/api/auth/2fa/disable")
            .json(&json!({})),
    )
    .await?
    .problem(409, "second-factor-missing")?;
    assert_eq!(app.trail("factor.remove").await?.len(), 1);
    app.finish().await
}
