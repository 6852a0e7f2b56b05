//! Signing out at the provider ends the session here: signed, of this provider, once.

use super::Ground;
use crate::app::Outcome;
use crate::app::answer::Answer;
use reqwest::Method;
use serde_json::{Value, json};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn claims(ground: &Ground, id: &str) -> Value {
    let now = ground.app.world.now().as_second();
    json!({ "iss": ground.issuer.address(), "aud": super::CLIENT, "iat": now, "exp": now + 120, "jti": id,
        "sub": "u-1", "sid": "their-1", "events": { (EVENT): {} } })
}

async fn tell(ground: &Ground, token: &str) -> Outcome<Answer> {
    let path = format!("/api/auth/sso/{}/logout", ground.provider);
    Answer::of(
        ground
            .app
            .bare(Method::POST, &path)
            .form(&[("logout_token", token)]),
    )
    .await
}

#[tokio::test]
async fn a_logout_token_ends_the_session_once() -> Outcome {
    let ground = Ground::of_staff().await?;
    let answer = ground.sign_in("u-1", "ana@staff.example.com").await?;
    ground.me(&answer).await?.expect(200)?;
    let token = ground.issuer.sign(&claims(&ground, "one"))?;
    tell(&ground, &token).await?.expect(200)?;
    ground.me(&answer).await?.problem(401, "unauthenticated")?;
    let again = ground.sign_in("u-1", "ana@staff.example.com").await?;
    tell(&ground, &token).await?.problem(400, "logout-token")?;
    ground.me(&again).await?.expect(200)?;
    assert_eq!(ground.refusals("replayed").await?, 1);
    assert_eq!(ground.app.trail("sso.logout").await?.len(), 1);
    ground.finish().await
}

#[tokio::test]
async fn a_logout_token_that_proves_nothing_ends_nothing() -> Outcome {
    let ground = Ground::of_staff().await?;
    let answer = ground.sign_in("u-1", "ana@staff.example.com").await?;
    let now = ground.app.world.now().as_second();
    let changes: [(&str, Value); 7] = [
        ("aud", json!("another")),
        ("iss", json!("https://login.example.org")),
        ("iat", json!(now - 600)),
        ("exp", json!(now - 61)),
        ("nonce", json!("n")),
        ("events", json!({})),
        ("jti", Value::Null),
    ];
    for (key, value) in changes {
        let mut changed = claims(&ground, "two");
        changed[key] = value;
        tell(&ground, &ground.issuer.sign(&changed)?)
            .await?
            .problem(400, "logout-token")?;
    }
    let sound = claims(&ground, "three");
    for token in [
        ground.issuer.forge(&sound)?,
        ground.issuer.unsigned(&sound),
        ground.issuer.confuse(&sound)?,
        "x".into(),
    ] {
        tell(&ground, &token).await?.problem(400, "logout-token")?;
    }
    // An ID token is none, and somebody who was never here has no session.
    let flow = ground.begin().await?;
    let id_token = ground
        .issuer
        .sign(&ground.claims(&flow, "u-1", "ana@staff.example.com"))?;
    tell(&ground, &id_token).await?.problem(400, "logout-token")?;
    let mut stranger = claims(&ground, "four");
    stranger["sub"] = json!("nobody");
    tell(&ground, &ground.issuer.sign(&stranger)?)
        .await?
        .expect(200)?;
    // Another session of the provider's is not meant either.
    let mut other = claims(&ground, "five");
    other["sid"] = json!("their-2");
    tell(&ground, &ground.issuer.sign(&other)?).await?.expect(200)?;
    ground.me(&answer).await?.expect(200)?;
    ground.finish().await
}
