//! Providers that do not work, and keys that change.

use super::Ground;
use crate::app::Outcome;
use crate::app::answer::Answer;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use testkit::Manner;
use tokio::time::Instant;

/// Longer than the server waits for a provider, and less than it would take without a bound.
const PATIENCE: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_provider_that_does_not_work_is_said_to_by_the_test_and_lets_nobody_in() -> Outcome {
    let ground = Ground::of_staff().await?;
    let base = ground.issuer.address().to_owned();
    let inside = format!("{base}/keys");
    let metadata = json!({ "issuer": base, "authorization_endpoint": base, "token_endpoint": "http://10.0.0.1/token",
        "jwks_uri": inside });
    let private = json!({ "issuer": base, "authorization_endpoint": base, "token_endpoint": "https://10.0.0.1/token",
        "jwks_uri": inside });
    for (manner, word) in [
        (Manner::Huge, "too-large"),
        (Manner::Slowly, "slow"),
        (Manner::Broken, "status"),
        (
            Manner::Elsewhere("http://169.254.169.254/latest/meta-data".into()),
            "redirect",
        ),
        (Manner::As("<html>".into()), "not-json"),
        (
            Manner::As(json!({ "issuer": "https://login.example.com" }).to_string()),
            "other-issuer",
        ),
        (Manner::As(metadata.to_string()), "address"),
        (Manner::As(private.to_string()), "private-address"),
    ] {
        ground.issuer.behave(manner);
        let began = Instant::now();
        let path = format!("/api/sso/providers/{}/test", ground.provider);
        let told = ground.app.post(&path, &json!({})).await?.expect(200)?;
        assert_eq!(
            (&told["ok"], &told["problem"]),
            (&json!(false), &json!(word)),
            "{told}"
        );
        let path = format!("/api/auth/sso/{}/start", ground.provider);
        let answer = Answer::of(ground.app.bare(Method::POST, &path)).await?;
        answer.problem(502, "provider-failed")?;
        assert!(began.elapsed() < PATIENCE, "{word}");
        assert_eq!(ground.refusals(word).await?, 1, "{word}");
        ground.app.world.advance(jiff::SignedDuration::from_secs(31));
    }
    assert_eq!(
        ground.app.database.count("SELECT count(*) FROM sso_flow").await?,
        0
    );
    ground.issuer.behave(Manner::Well);
    let path = format!("/api/sso/providers/{}/test", ground.provider);
    let request = ground
        .app
        .request(Method::POST, &path)
        .header("accept-language", "es");
    let told = Answer::of(request).await?.expect(200)?;
    assert_eq!(
        (&told["ok"], &told["keys"], &told["algorithms"]),
        (&json!(true), &json!(1), &json!(["ES256"]))
    );
    assert_eq!(ground.sign_in("u-1", "ana@staff.example.com").await?.status, 303);
    ground.finish().await
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_in_plain_words() -> Outcome {
    let mut ground = Ground::of_staff().await?;
    let gone = testkit::Issuer::start().await?;
    ground.provider = super::add(&ground.app, &gone, "Gone", json!({})).await?;
    drop(gone);
    let path = format!("/api/sso/providers/{}/test", ground.provider);
    let told = ground.app.post(&path, &json!({})).await?.expect(200)?;
    assert_eq!(told["problem"], "unreachable");
    assert!(
        told["detail"]
            .as_str()
            .is_some_and(|text| text.contains("nothing answers"))
    );
    ground.finish().await
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it_and_not_more_often_than_that() -> Outcome {
    let ground = Ground::of_staff().await?;
    assert_eq!(ground.sign_in("u-1", "ana@staff.example.com").await?.status, 303);
    assert_eq!(ground.issuer.asked_for_keys(), 1);
    ground.issuer.rotate()?;
    // A moment after keys were fetched, an unknown one is refused without asking: nobody makes us ask by naming keys.
    assert_eq!(ground.sign_in("u-1", "ana@staff.example.com").await?.status, 401);
    assert_eq!(ground.issuer.asked_for_keys(), 1);
    assert_eq!(ground.refusals("token-key").await?, 1);
    ground.app.world.advance(jiff::SignedDuration::from_secs(31));
    assert_eq!(ground.sign_in("u-1", "ana@staff.example.com").await?.status, 303);
    assert_eq!(ground.issuer.asked_for_keys(), 2);
    ground.finish().await
}
