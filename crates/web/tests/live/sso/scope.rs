//! An organization's provider opens that organization and nothing else, and where one is enforced passwords do not.

use super::{Ground, add};
use crate::app::answer::Answer;
use crate::app::people::{Person, cookies};
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

/// A member of two organizations, of which the first has a provider.
async fn of_two() -> Outcome<(Ground, Person, [String; 2])> {
    let app = App::on_loopback().await?;
    let (own, other) = (app.organization("Acme").await?, app.organization("Beta").await?);
    let _owner = app.member(&own, "owner").await?;
    let member = app.member(&own, "member").await?;
    let path = format!("/api/organizations/{other}/invitations");
    let link = app
        .post(&path, &json!({ "email": member.email, "role": "admin" }))
        .await?
        .expect(201)?;
    let token = link["link"]
        .as_str()
        .and_then(|link| link.split_once('#'))
        .map(|(_, token)| token)
        .unwrap_or_default();
    let body = json!({ "token": token });
    Answer::of(app.by(&member, Method::POST, "/api/auth/link").json(&body))
        .await?
        .expect(200)?;
    let domain = member.email.split('@').nth(1).unwrap_or_default().to_owned();
    let more = json!({ "organization": own, "domains": [domain], "newcomers": "viewer" });
    Ok((Ground::with(app, more).await?, member, [own, other]))
}

fn organizations(me: &Value) -> Vec<&str> {
    let list = me["memberships"].as_array().into_iter().flatten();
    list.filter_map(|one| one["organization"].as_str()).collect()
}

#[tokio::test]
async fn an_organization_s_provider_opens_that_organization_alone() -> Outcome {
    let (ground, member, [own, other]) = of_two().await?;
    let answer = ground.sign_in("u-1", &member.email).await?;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let me = ground.me(&answer).await?.expect(200)?;
    assert_eq!(me["id"], json!(member.id));
    assert_eq!(organizations(&me), [own.as_str()]);
    let ask = |path: String| {
        Answer::of(
            ground
                .app
                .bare(Method::GET, &path)
                .header("cookie", cookies(&answer.headers)),
        )
    };
    ask(format!("/api/organizations/{own}")).await?.expect(200)?;
    ask(format!("/api/organizations/{other}"))
        .await?
        .problem(404, "not-found")?;
    // With the password both are open still.
    let all = Answer::of(ground.app.by(&member, Method::GET, "/api/auth/me"))
        .await?
        .expect(200)?;
    assert_eq!(organizations(&all).len(), 2);
    // And by such a session nobody adds another way into the account, nor changes its second factors; of them none is
    // wanted there, for the provider looks as it is told to.
    let csrf = me["csrf_token"].as_str().unwrap_or_default();
    for path in ["/api/auth/2fa/setup", "/api/auth/passkeys/options"] {
        let request = ground
            .app
            .bare(Method::POST, path)
            .header("cookie", cookies(&answer.headers));
        Answer::of(request.header("x-csrf-token", csrf))
            .await?
            .problem(403, "forbidden")?;
    }
    let demand = format!("/api/organizations/{own}/second-factor");
    ground
        .app
        .put(&demand, &json!({ "required": true }))
        .await?
        .expect(200)?;
    ask(format!("/api/organizations/{own}")).await?.expect(200)?;
    assert_eq!(
        ground.me(&answer).await?.expect(200)?["step_up_methods"],
        json!(["sso"])
    );
    Answer::of(ground.app.by(&member, Method::GET, "/api/organizations"))
        .await?
        .problem(403, "second-factor-required")?;
    let path = format!("/api/auth/sso/{}/link", ground.provider);
    let request = ground
        .app
        .bare(Method::POST, &path)
        .header("cookie", cookies(&answer.headers));
    Answer::of(request.header("x-csrf-token", csrf))
        .await?
        .problem(403, "sign-on-refused")?;
    ground.finish().await
}

#[tokio::test]
async fn an_organization_s_provider_makes_nobody_staff_and_no_staff_comes_in_by_it() -> Outcome {
    let (ground, _, _) = of_two().await?;
    let operator = ground.app.staff("operator").await?;
    // The provider says that it speaks for the operator's domain; a customer's word does not reach that far.
    let path = format!("/api/sso/providers/{}", ground.provider);
    ground
        .app
        .patch(&path, &json!({ "domains": ["staff.example.com"] }))
        .await?
        .expect(200)?;
    let answer = ground.sign_in("u-2", &operator.email).await?;
    assert_eq!(answer.status, 403);
    assert_eq!(ground.refusals("confirm").await?, 1);
    ground.finish().await
}

#[tokio::test]
async fn who_is_taken_out_of_the_organization_does_not_come_in_any_more() -> Outcome {
    let (ground, member, [own, _]) = of_two().await?;
    let answer = ground.sign_in("u-1", &member.email).await?;
    let path = format!("/api/organizations/{own}/members/{}", member.id);
    ground.app.delete(&path).await?.expect(204)?;
    // Who belongs nowhere has nothing to look at.
    ground.me(&answer).await?.problem(403, "forbidden")?;
    assert_eq!(ground.sign_in("u-1", &member.email).await?.status, 403);
    assert_eq!(ground.refusals("outside").await?, 1);
    ground.finish().await
}

#[tokio::test]
async fn where_a_provider_is_enforced_a_password_does_not_open_the_organization() -> Outcome {
    let (ground, member, [own, other]) = of_two().await?;
    let path = format!("/api/sso/providers/{}", ground.provider);
    ground
        .app
        .patch(&path, &json!({ "policy": "enforced" }))
        .await?
        .expect(200)?;
    // At once, in the session that is there; the other organization stays open.
    let me = Answer::of(ground.app.by(&member, Method::GET, "/api/auth/me"))
        .await?
        .expect(200)?;
    assert_eq!(organizations(&me), [other.as_str()]);
    // Where nothing is left to open, the right password is refused, and a wrong one as ever.
    let path = format!("/api/organizations/{other}/members/{}", member.id);
    let _owner = ground.app.member(&other, "owner").await?;
    ground.app.delete(&path).await?.expect(204)?;
    let sign_in = |password: &str| {
        let body = json!({ "email": member.email, "password": password, "transport": "bearer" });
        Answer::of(ground.app.bare(Method::POST, "/api/auth/login").json(&body))
    };
    sign_in(crate::app::people::PASSWORD)
        .await?
        .problem(403, "password-barred")?;
    sign_in("Wrong-wrong-1").await?.problem(401, "credentials")?;
    let refused = ground.app.trail("session.refused").await?;
    assert!(refused.contains(&format!("nobody {}", member.id)), "{refused:?}");
    let answer = ground.sign_in("u-1", &member.email).await?;
    assert_eq!(
        organizations(&ground.me(&answer).await?.expect(200)?),
        [own.as_str()]
    );
    ground.finish().await
}

#[tokio::test]
async fn where_the_staff_s_is_enforced_only_owners_keep_their_password() -> Outcome {
    let ground = Ground::of_staff().await?;
    let (owner, support) = (
        ground.app.staff("owner").await?,
        ground.app.staff("support").await?,
    );
    let path = format!("/api/sso/providers/{}", ground.provider);
    ground
        .app
        .patch(&path, &json!({ "policy": "enforced" }))
        .await?
        .expect(200)?;
    let tenants = |person: &Person| Answer::of(ground.app.by(person, Method::GET, "/api/tenants"));
    tenants(&owner).await?.expect(200)?;
    tenants(&support).await?.problem(403, "forbidden")?;
    ground.app.sign_in(&owner.email).await?;
    assert!(ground.app.sign_in(&support.email).await.is_err());
    let answer = ground.sign_in("u-1", &support.email).await?;
    let request = ground
        .app
        .bare(Method::GET, "/api/tenants")
        .header("cookie", cookies(&answer.headers));
    Answer::of(request).await?.expect(200)?;
    ground.finish().await
}

#[tokio::test]
async fn customers_providers_are_offered_to_their_own_domains_alone() -> Outcome {
    let (ground, member, _) = of_two().await?;
    add(&ground.app, &ground.issuer, "Staff", json!({})).await?;
    let offered = |query: String| async move {
        let answer = Answer::of(ground.app.bare(Method::GET, &format!("/api/auth/sso{query}")))
            .await?
            .expect(200)?;
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        Outcome::Ok((
            items
                .iter()
                .map(|one| one["name"].to_string())
                .collect::<Vec<_>>(),
            ground,
        ))
    };
    let (names, ground) = offered(String::new()).await?;
    assert_eq!(names, ["\"Staff\""]);
    let domain = member.email.split('@').nth(1).unwrap_or_default().to_owned();
    let answer = Answer::of(
        ground
            .app
            .bare(Method::GET, &format!("/api/auth/sso?domain={domain}")),
    )
    .await?
    .expect(200)?;
    assert_eq!(answer["items"].as_array().map(Vec::len), Some(2));
    ground.finish().await
}
