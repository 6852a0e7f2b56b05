//! Tokens, codes and states that prove nothing: each is refused, and each is written down.

use super::{Flow, Ground};
use crate::app::Outcome;
use crate::app::answer::Answer;
use reqwest::Method;
use serde_json::{Value, json};

/// A sign-in with these claims changed; the word of its refusal in the audit trail.
async fn refused(ground: &Ground, word: &str, change: impl FnOnce(&mut Value)) -> Outcome {
    let flow = ground.begin().await?;
    let mut claims = ground.claims(&flow, "u-1", "ana@staff.example.com");
    change(&mut claims);
    let answer = ground.come_back(&flow, ground.issuer.sign(&claims)?).await?;
    check(ground, &answer, word).await
}

async fn check(ground: &Ground, answer: &Answer, word: &str) -> Outcome {
    assert!(
        matches!(answer.status.as_u16(), 401 | 403),
        "{word}: {} {}",
        answer.status,
        answer.text
    );
    assert!(answer.headers.get("set-cookie").is_none(), "{word}");
    assert_eq!(ground.refusals(word).await?, 1, "{word}");
    Ok(())
}

#[tokio::test]
async fn a_token_that_proves_nothing_opens_nothing() -> Outcome {
    let ground = Ground::of_staff().await?;
    let now = ground.app.world.now().as_second();
    let set = |key: &'static str, value: Value| move |claims: &mut Value| claims[key] = value;
    refused(&ground, "token-audience", set("aud", json!("another"))).await?;
    refused(
        &ground,
        "token-issuer",
        set("iss", json!("https://login.example.org")),
    )
    .await?;
    refused(&ground, "token-nonce", set("nonce", json!("0".repeat(64)))).await?;
    refused(&ground, "token-expired", set("exp", json!(now - 61))).await?;
    refused(&ground, "token-not-yet", set("nbf", json!(now + 600))).await?;
    refused(&ground, "token-malformed", set("sub", Value::Null)).await?;
    refused(&ground, "unverified", set("email_verified", json!(false))).await?;
    refused(&ground, "domain", set("email", json!("ana@example.org"))).await?;
    refused(&ground, "token-kind", set("events", json!({}))).await?;
    let several = |claims: &mut Value| {
        claims["aud"] = json!(["panel", "another"]);
        claims["azp"] = json!("another");
    };
    let flow = ground.begin().await?;
    let mut claims = ground.claims(&flow, "u-1", "ana@staff.example.com");
    several(&mut claims);
    let answer = ground.come_back(&flow, ground.issuer.sign(&claims)?).await?;
    assert_eq!(answer.status, 401);
    // Nobody came to be by any of it.
    assert_eq!(ground.app.database.count("SELECT count(*) FROM person").await?, 0);
    ground.finish().await
}

#[tokio::test]
async fn a_signature_of_nobody_s_opens_nothing() -> Outcome {
    let ground = Ground::of_staff().await?;
    for (word, make) in [
        ("token-signature", 0),
        ("token-algorithm", 1),
        ("token-algorithm", 2),
    ] {
        let flow = ground.begin().await?;
        let claims = ground.claims(&flow, "u-1", "ana@staff.example.com");
        let token = match make {
            0 => ground.issuer.forge(&claims)?,
            1 => ground.issuer.unsigned(&claims),
            _ => ground.issuer.confuse(&claims)?,
        };
        let answer = ground.come_back(&flow, token).await?;
        check(&ground, &answer, word).await?;
    }
    assert_eq!(
        ground.app.database.count("SELECT count(*) FROM session").await?,
        0
    );
    ground.finish().await
}

#[tokio::test]
async fn a_state_works_once_and_in_the_browser_that_began() -> Outcome {
    let ground = Ground::of_staff().await?;
    let flow = ground.begin().await?;
    let token = ground
        .issuer
        .sign(&ground.claims(&flow, "u-1", "ana@staff.example.com"))?;
    // Another browser gets nothing by the state, and takes nothing away by trying.
    let other = ground.begin().await?;
    let stolen = Flow {
        state: flow.state.clone(),
        nonce: String::new(),
        cookie: other.cookie,
    };
    check(&ground, &ground.bring(&stolen, "code-x").await?, "browser").await?;
    let bare = Flow {
        state: flow.state.clone(),
        nonce: String::new(),
        cookie: String::new(),
    };
    assert_eq!(ground.bring(&bare, "code-x").await?.status, 401);
    assert_eq!(ground.come_back(&flow, token).await?.status, 303);
    let code = format!("code-{}", &flow.state[..8]);
    check(&ground, &ground.bring(&flow, &code).await?, "replayed").await?;
    // Nor does the code of another sign-in work a second time.
    let again = ground.begin().await?;
    check(&ground, &ground.bring(&again, &code).await?, "code").await?;
    let unknown = Flow {
        state: "0".repeat(64),
        ..again
    };
    check(&ground, &ground.bring(&unknown, "code-x").await?, "state").await?;
    ground.finish().await
}

#[tokio::test]
async fn a_state_is_over_after_ten_minutes_and_is_one_provider_s() -> Outcome {
    let ground = Ground::of_staff().await?;
    let flow = ground.begin().await?;
    let other = super::add(&ground.app, &ground.issuer, "Other", json!({})).await?;
    let path = format!("/sso/{other}/callback?code=x&state={}", flow.state);
    let answer = Answer::of(ground.app.bare(Method::GET, &path).header("cookie", &flow.cookie)).await?;
    assert_eq!(answer.status, 401, "{}", answer.text);
    ground.app.world.advance(jiff::SignedDuration::from_secs(601));
    let token = ground
        .issuer
        .sign(&ground.claims(&flow, "u-1", "ana@staff.example.com"))?;
    assert_eq!(ground.come_back(&flow, token).await?.status, 401);
    ground.finish().await
}

#[tokio::test]
async fn an_answer_that_names_another_provider_or_none_of_its_own_is_refused() -> Outcome {
    let ground = Ground::of_staff().await?;
    for (more, word) in [
        ("iss=https%3A%2F%2Fevil.example.com&code=x", "mixed"),
        ("error=access_denied", "denied"),
    ] {
        let flow = ground.begin().await?;
        let path = format!("/sso/{}/callback?state={}&{more}", ground.provider, flow.state);
        let answer = Answer::of(ground.app.bare(Method::GET, &path).header("cookie", &flow.cookie)).await?;
        check(&ground, &answer, word).await?;
    }
    ground.finish().await
}

#[tokio::test]
async fn a_page_of_others_begins_nothing() -> Outcome {
    let ground = Ground::of_staff().await?;
    let path = format!("/api/auth/sso/{}/start", ground.provider);
    let request = ground
        .app
        .bare(Method::POST, &path)
        .header("sec-fetch-site", "cross-site");
    Answer::of(request).await?.problem(403, "foreign-page")?;
    assert_eq!(
        ground.app.database.count("SELECT count(*) FROM sso_flow").await?,
        0
    );
    ground.finish().await
}

#[tokio::test]
async fn neither_state_nor_code_nor_verifier_lies_in_the_database() -> Outcome {
    let ground = Ground::of_staff().await?;
    let flow = ground.begin().await?;
    let cookie = flow.cookie.split('=').nth(1).unwrap_or_default().to_owned();
    let token = ground
        .issuer
        .sign(&ground.claims(&flow, "u-1", "ana@staff.example.com"))?;
    ground.come_back(&flow, token.clone()).await?;
    let forms = ground.issuer.forms().join("&");
    let verifier = forms
        .split('&')
        .find_map(|pair| pair.strip_prefix("code_verifier="))
        .unwrap_or_default();
    assert_eq!(verifier.len(), 64);
    let dump = ground.app.database.dump().await?;
    for secret in [
        &flow.state,
        &flow.nonce,
        &cookie,
        &token,
        &verifier.to_owned(),
        &super::SECRET.to_owned(),
    ] {
        assert!(!secret.is_empty() && !dump.contains(secret.as_str()), "{secret}");
    }
    ground.finish().await
}
