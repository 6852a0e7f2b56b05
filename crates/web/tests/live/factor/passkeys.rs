//! Passkeys as a second factor, and what is no answer of theirs.

use super::{HOST, ORIGIN, SAID};
use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Authenticator, Holder};

#[tokio::test]
async fn a_passkey_is_the_second_step_and_the_first_brings_recovery_codes() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (added, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    let sheet = added["backup_codes"].as_array().cloned().unwrap_or_default();
    assert_eq!(sheet.len(), 10);
    let (second, _) = app.enrol_passkey(&ana, "Phone").await?;
    assert!(second.get("backup_codes").is_none());
    let listed = app.look(&ana, "/api/auth/passkeys").await?;
    let names: Vec<&Value> = listed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, [&json!("Laptop"), &json!("Phone")]);
    let asked = app.first_step(&ana.email).await?;
    assert_eq!(asked["methods"], json!(["passkey", "recovery"]));
    let signed = key.get(&asked["passkey"])?;
    let done = app
        .second_step(&asked["challenge"], "credential", &signed)
        .await?
        .expect(200)?;
    let me = app.look(&Person::of(&ana.email, &done)?, "/api/auth/me").await?;
    assert_eq!(me["methods"], json!(["password", "passkey"]));
    // The sheet is a way in as well.
    app.log_in(&ana.email, sheet[0].as_str()).await?.expect(200)?;
    app.finish().await
}

/// The problem of what this key signs for a second step.
async fn refused(app: &App, email: &str, key: &mut Authenticator, what: &str) -> Outcome {
    let asked = app.first_step(email).await?;
    let signed = key.get(&asked["passkey"])?;
    let answer = app
        .second_step(&asked["challenge"], "credential", &signed)
        .await?;
    answer
        .problem(401, "second-factor")
        .map_err(|e| format!("{what}: {e}"))?;
    Ok(())
}

#[tokio::test]
async fn forged_foreign_and_unlooked_at_signatures_open_nothing() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (_, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    let mut impostor = key.impostor()?;
    impostor.counter = Some(100);
    refused(&app, &ana.email, &mut impostor, "another key").await?;
    for origin in [
        "https://panel.example.com.evil.example",
        "http://panel.example.com",
        "https://evil.example.com",
        "https://other.panel.example.com",
    ] {
        key.origin = origin.to_owned();
        app.world.advance(SignedDuration::from_mins(16));
        refused(&app, &ana.email, &mut key, origin).await?;
    }
    key.origin = ORIGIN.to_owned();
    key.host = "evil.example.com".to_owned();
    refused(&app, &ana.email, &mut key, "another host").await?;
    key.host = HOST.to_owned();
    key.holder = Holder::Present;
    refused(&app, &ana.email, &mut key, "nobody looked at its holder").await?;
    key.holder = Holder::Verified;
    app.world.advance(SignedDuration::from_mins(16));
    let asked = app.first_step(&ana.email).await?;
    for nothing in [json!({}), json!({ "id": "x" }), json!([])] {
        let answer = app
            .second_step(&asked["challenge"], "credential", &nothing)
            .await?;
        assert!(
            matches!(answer.status.as_u16(), 401 | 410),
            "{nothing}: {}",
            answer.text
        );
    }
    let asked = app.first_step(&ana.email).await?;
    let signed = key.get(&asked["passkey"])?;
    app.second_step(&asked["challenge"], "credential", &signed)
        .await?
        .expect(200)?;
    app.finish_despite(&SAID).await
}

#[tokio::test]
async fn what_was_signed_once_is_of_no_worth_again() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (_, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    let asked = app.first_step(&ana.email).await?;
    let signed = key.get(&asked["passkey"])?;
    app.second_step(&asked["challenge"], "credential", &signed)
        .await?
        .expect(200)?;
    app.second_step(&asked["challenge"], "credential", &signed)
        .await?
        .problem(410, "challenge-over")?;
    let again = app.first_step(&ana.email).await?;
    app.second_step(&again["challenge"], "credential", &signed)
        .await?
        .problem(401, "second-factor")?;
    // What this challenge's passkey was to sign is gone with the first answer; its codes are waited for still.
    let right = key.get(&again["passkey"])?;
    app.second_step(&again["challenge"], "credential", &right)
        .await?
        .problem(410, "challenge-over")?;
    app.finish_despite(&SAID).await
}

#[tokio::test]
async fn a_counter_that_goes_back_is_a_copy_and_refused() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (_, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    key.counter = Some(7);
    let asked = app.first_step(&ana.email).await?;
    let signed = key.get(&asked["passkey"])?;
    app.second_step(&asked["challenge"], "credential", &signed)
        .await?
        .expect(200)?;
    for before in [Some(7), Some(2), None] {
        key.counter = before.map(|count: u32| count - 1);
        refused(&app, &ana.email, &mut key, &format!("{before:?}")).await?;
    }
    assert!(app.refused_because().await?.contains(&"counter".to_owned()));
    key.counter = Some(8);
    let asked = app.first_step(&ana.email).await?;
    let signed = key.get(&asked["passkey"])?;
    app.second_step(&asked["challenge"], "credential", &signed)
        .await?
        .expect(200)?;
    app.finish_despite(&SAID).await
}

#[tokio::test]
async fn one_that_does_not_count_comes_in_again_and_again() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let mut key = Authenticator::new(ORIGIN, HOST)?;
    key.counter = None;
    app.add_passkey(&ana, "Laptop", &mut key).await?.expect(201)?;
    for _ in 0..2 {
        let asked = app.first_step(&ana.email).await?;
        let signed = key.get(&asked["passkey"])?;
        app.second_step(&asked["challenge"], "credential", &signed)
            .await?
            .expect(200)?;
    }
    app.finish_despite(&SAID).await
}

#[tokio::test]
async fn a_passkey_is_made_as_it_was_asked_for_or_not_at_all() -> Outcome {
    let app = App::start().await?;
    let (ana, eva) = (app.staff("admin").await?, app.staff("viewer").await?);
    let mut key = Authenticator::new("https://evil.example.com", HOST)?;
    app.add_passkey(&ana, "Laptop", &mut key)
        .await?
        .refuses("credential")?;
    let mut key = Authenticator::new(ORIGIN, HOST)?;
    key.holder = Holder::Present;
    app.add_passkey(&ana, "Laptop", &mut key)
        .await?
        .refuses("credential")?;
    let mut key = Authenticator::new(ORIGIN, HOST)?;
    app.add_passkey(&ana, "", &mut key).await?.refuses("name")?;
    // What was asked of one is not answered by another, nor twice, nor late.
    let begin = || app.by(&ana, Method::POST, "/api/auth/passkeys/options");
    let asked = Answer::of(begin()).await?.expect(200)?;
    let made = key.create(&asked["options"]);
    let body = json!({ "challenge": asked["challenge"], "name": "Laptop", "credential": made });
    app.asked(&eva, Method::POST, "/api/auth/passkeys", &body)
        .await?
        .problem(410, "challenge-over")?;
    app.asked(&ana, Method::POST, "/api/auth/passkeys", &body)
        .await?
        .expect(201)?;
    app.asked(&ana, Method::POST, "/api/auth/passkeys", &body)
        .await?
        .problem(410, "challenge-over")?;
    let late = Answer::of(begin()).await?.expect(200)?;
    app.world.advance(SignedDuration::from_secs(301));
    let made = Authenticator::new(ORIGIN, HOST)?.create(&late["options"]);
    let body = json!({ "challenge": late["challenge"], "name": "Late", "credential": made });
    app.asked(&ana, Method::POST, "/api/auth/passkeys", &body)
        .await?
        .problem(410, "challenge-over")?;
    // One passkey is one person's.
    app.add_passkey(&eva, "Laptop", &mut key)
        .await?
        .problem(409, "passkey-known")?;
    assert_eq!(app.trail("factor.add").await?.len(), 1);
    app.finish_despite(&SAID).await
}

#[tokio::test]
async fn passkeys_are_taken_away_by_their_person_alone() -> Outcome {
    let app = App::start().await?;
    let (ana, eva) = (app.staff("admin").await?, app.staff("viewer").await?);
    let (added, _) = app.enrol_passkey(&ana, "Laptop").await?;
    let path = format!(
        "/api/auth/passkeys/{}",
        added["passkey"]["id"].as_str().unwrap_or_default()
    );
    Answer::of(app.by(&eva, Method::DELETE, &path))
        .await?
        .problem(404, "not-found")?;
    Answer::of(app.by(&ana, Method::DELETE, &path))
        .await?
        .expect(204)?;
    let status = app.look(&ana, "/api/auth/2fa/status").await?;
    assert_eq!(
        (&status["passkeys"], &status["remaining_backup_codes"]),
        (&json!(0), &json!(0))
    );
    let entered = app.log_in(&ana.email, None).await?.expect(200)?;
    assert_eq!(entered["requires_totp"], json!(false));
    app.finish().await
}

#[tokio::test]
async fn a_passkey_proves_anew_who_its_person_is() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let (_, mut key) = app.enrol_passkey(&ana, "Laptop").await?;
    app.world.advance(SignedDuration::from_mins(16));
    let ana = app.renewed(&ana).await?;
    let path = "/api/auth/passkeys/options";
    Answer::of(app.by(&ana, Method::POST, path))
        .await?
        .problem(403, "step-up-required")?;
    let asked = Answer::of(app.by(&ana, Method::POST, "/api/auth/step-up/options"))
        .await?
        .expect(200)?;
    let signed = key.get(&asked["options"])?;
    let body = json!({ "challenge": asked["challenge"], "credential": signed });
    let proved = app.asked(&ana, Method::POST, "/api/auth/step-up", &body).await?;
    assert_eq!(proved.expect(200)?["method"], json!("passkey"));
    Answer::of(app.by(&ana, Method::POST, path)).await?.expect(200)?;
    app.asked(&ana, Method::POST, "/api/auth/step-up", &body)
        .await?
        .problem(410, "challenge-over")?;
    // A signature of a sign-in is none for this.
    let other = app.first_step(&ana.email).await?;
    let signed = key.get(&other["passkey"])?;
    let body = json!({ "challenge": other["challenge"], "credential": signed });
    app.asked(&ana, Method::POST, "/api/auth/step-up", &body)
        .await?
        .problem(410, "challenge-over")?;
    app.finish().await
}

#[tokio::test]
async fn where_the_panel_has_no_host_name_there_are_no_passkeys_and_codes_are_there() -> Outcome {
    let app = App::on_loopback().await?;
    let ana = app.staff("admin").await?;
    Answer::of(app.by(&ana, Method::POST, "/api/auth/passkeys/options"))
        .await?
        .problem(409, "passkeys-unavailable")?;
    Answer::of(app.bare(Method::POST, "/api/auth/passkey/options"))
        .await?
        .problem(409, "passkeys-unavailable")?;
    let status = app.look(&ana, "/api/auth/2fa/status").await?;
    assert_eq!(status["passkeys_available"], json!(false));
    app.enrol_phone(&ana).await?;
    app.finish_despite(&SAID).await
}
