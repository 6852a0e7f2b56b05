//! Whose account it is that a provider vouches for: no provider takes an account over.

use super::{Flow, Ground, SECRET};
use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_newcomer_gets_an_account_of_the_role_that_was_set() -> Outcome {
    let ground = Ground::of_staff().await?;
    let answer = ground.sign_in("u-1", "Eva@Staff.example.com").await?;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/login")
    );
    let me = ground.me(&answer).await?.expect(200)?;
    assert_eq!(me["email"], "eva@staff.example.com");
    assert_eq!(me["staff_role"], "operator");
    assert_eq!(me["methods"], json!(["sso", "sso:otp", "sso:mfa"]));
    // The second time it is the same account, whatever their address is by then.
    let again = ground.sign_in("u-1", "eva.maria@example.com").await?;
    assert_eq!(ground.me(&again).await?.expect(200)?["id"], me["id"]);
    assert_eq!(ground.app.trail("sso.link").await?.len(), 1);
    let began = ground.app.trail("session.begin").await?;
    assert!(
        began
            .iter()
            .all(|line| line.starts_with(me["id"].as_str().unwrap_or("?"))),
        "{began:?}"
    );
    // The code was exchanged with the client's secret, written as in a form.
    assert!(
        ground
            .issuer
            .forms()
            .iter()
            .all(|form| !form.contains(SECRET) && form.contains("redirect_uri="))
    );
    ground.finish().await
}

#[tokio::test]
async fn a_verified_address_joins_an_account_of_the_staff_but_never_an_owner_s() -> Outcome {
    let ground = Ground::of_staff().await?;
    let support = ground.app.staff("support").await?;
    let answer = ground.sign_in("u-2", &support.email).await?;
    assert_eq!(ground.me(&answer).await?.expect(200)?["id"], json!(support.id));
    let owner = ground.app.staff("owner").await?;
    let answer = ground.sign_in("u-3", &owner.email).await?;
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(ground.refusals("confirm").await?, 1);
    // Whoever gets an address that somebody else had before is not that somebody.
    let answer = ground.sign_in("u-4", &support.email).await?;
    assert_eq!(answer.status, 403);
    assert_eq!(ground.refusals("taken").await?, 1);
    ground.finish().await
}

#[tokio::test]
async fn a_customer_s_account_is_not_joined_with_the_staff_s_provider() -> Outcome {
    let app = App::on_loopback().await?;
    let organization = app.organization("Acme").await?;
    let member = app.member(&organization, "member").await?;
    let domain = member.email.split('@').nth(1).unwrap_or_default().to_owned();
    let ground = Ground::with(app, json!({ "domains": [domain], "newcomers": "admin" })).await?;
    let answer = ground.sign_in("u-5", &member.email).await?;
    assert_eq!(answer.status, 403);
    assert_eq!(ground.refusals("confirm").await?, 1);
    assert_eq!(
        ground
            .app
            .database
            .count("SELECT count(*) FROM sso_identity")
            .await?,
        0
    );
    ground.finish().await
}

#[tokio::test]
async fn without_a_role_for_newcomers_only_known_people_come_in() -> Outcome {
    let ground = Ground::with(
        App::on_loopback().await?,
        json!({ "domains": ["staff.example.com"] }),
    )
    .await?;
    let answer = ground.sign_in("u-1", "nobody@staff.example.com").await?;
    assert_eq!(answer.status, 403);
    assert_eq!(ground.refusals("unknown").await?, 1);
    // Somebody who is shut out does not come in either.
    let viewer = ground.app.staff("viewer").await?;
    assert_eq!(ground.sign_in("u-2", &viewer.email).await?.status, 303);
    let path = format!("/api/people/{}", viewer.id);
    ground
        .app
        .patch(&path, &json!({ "state": "disabled" }))
        .await?
        .expect(200)?;
    assert_eq!(ground.sign_in("u-2", &viewer.email).await?.status, 403);
    assert_eq!(ground.refusals("disabled").await?, 1);
    ground.finish().await
}

#[tokio::test]
async fn without_domains_a_provider_joins_nothing_by_itself() -> Outcome {
    let ground = Ground::with(App::on_loopback().await?, json!({ "newcomers": "viewer" })).await?;
    let support = ground.app.staff("support").await?;
    for email in [support.email.as_str(), "new@staff.example.com"] {
        assert_eq!(ground.sign_in("u-1", email).await?.status, 403, "{email}");
    }
    ground.finish().await
}

#[tokio::test]
async fn an_owner_adds_the_provider_while_signed_in_and_then_comes_in_with_it() -> Outcome {
    let ground = Ground::of_staff().await?;
    let owner = ground.app.staff("owner").await?;
    let (cookie, csrf) = ground.app.browse(&owner.email).await?;
    let path = format!("/api/auth/sso/{}/link", ground.provider);
    // Not without the token that only a page of ours has.
    let bare = ground.app.bare(Method::POST, &path).header("cookie", &cookie);
    Answer::of(bare).await?.problem(403, "foreign-page")?;
    let request = ground
        .app
        .bare(Method::POST, &path)
        .header("cookie", &cookie)
        .header("x-csrf-token", &csrf);
    let flow = Flow::of(Answer::of(request).await?)?;
    let token = ground
        .issuer
        .sign(&ground.claims(&flow, "boss", "boss@example.com"))?;
    let answer = ground.come_back(&flow, token).await?;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(answer.headers.get("set-cookie").is_none());
    let answer = ground.sign_in("boss", "boss@example.com").await?;
    assert_eq!(ground.me(&answer).await?.expect(200)?["id"], json!(owner.id));
    // It is listed, and can be taken out again; then it opens nothing.
    let listed = Answer::of(ground.app.by(&owner, Method::GET, "/api/auth/identities"))
        .await?
        .expect(200)?;
    assert_eq!(listed["items"][0]["provider"], json!(ground.provider));
    let path = format!("/api/auth/identities/{}", ground.provider);
    Answer::of(ground.app.by(&owner, Method::DELETE, &path))
        .await?
        .expect(204)?;
    ground.me(&answer).await?.problem(401, "unauthenticated")?;
    assert_eq!(ground.sign_in("boss", &owner.email).await?.status, 403);
    ground.finish().await
}

#[tokio::test]
async fn an_old_session_adds_no_provider() -> Outcome {
    let ground = Ground::of_staff().await?;
    let viewer = ground.app.staff("viewer").await?;
    ground.app.world.advance(jiff::SignedDuration::from_mins(14));
    let path = format!("/api/auth/sso/{}/link", ground.provider);
    Answer::of(ground.app.by(&viewer, Method::POST, &path))
        .await?
        .expect(200)?;
    ground.app.world.advance(jiff::SignedDuration::from_secs(55));
    let body: Value = Answer::of(
        ground
            .app
            .bare(Method::POST, "/api/auth/refresh")
            .json(&json!({ "refresh_token": viewer.refresh })),
    )
    .await?
    .expect(200)?;
    ground.app.world.advance(jiff::SignedDuration::from_secs(10));
    let token = body["access_token"].as_str().unwrap_or_default();
    let late = Answer::of(ground.app.bare(Method::POST, &path).bearer_auth(token)).await?;
    late.problem(403, "sign-on-refused")?;
    ground.finish().await
}
