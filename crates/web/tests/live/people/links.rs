//! One-time links of people: what they give, to whom, and only once.

use crate::app::answer::Answer;
use crate::app::people::PASSWORD;
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

fn token(answer: &Value) -> Outcome<String> {
    let link = answer["link"].as_str().ok_or("no link")?;
    Ok(link.split_once('#').ok_or("no token")?.1.to_owned())
}

async fn follow(app: &App, body: Value) -> Outcome<Answer> {
    Answer::of(app.bare(Method::POST, "/api/auth/link").json(&body)).await
}

#[tokio::test]
async fn an_invitation_works_once_for_a_week_and_what_breaks_a_rule_leaves_it_working() -> Outcome {
    let app = App::start().await?;
    let invite = json!({ "email": "Ana@Example.com", "role": "operator" });
    let made = app.post("/api/people/invitations", &invite).await?.expect(201)?;
    assert!(
        made["link"]
            .as_str()
            .is_some_and(|link| link.starts_with("https://panel.example.com/invitation#"))
    );
    let secret = token(&made)?;
    let listed = app.get("/api/people").await?;
    assert!(!listed.text.contains(&secret) && listed.json["invitations"][0]["email"] == "ana@example.com");
    follow(&app, json!({ "token": secret }))
        .await?
        .refuses("new_password")?;
    follow(&app, json!({ "new_password": PASSWORD }))
        .await?
        .refuses("token")?;
    follow(&app, json!({ "token": secret, "new_password": "password123" }))
        .await?
        .refuses("new_password")?;
    follow(
        &app,
        json!({ "token": secret, "new_password": PASSWORD, "name": "a\nb" }),
    )
    .await?
    .refuses("name")?;
    let used = follow(
        &app,
        json!({ "token": secret, "new_password": PASSWORD, "name": "Ana" }),
    )
    .await?
    .expect(200)?;
    assert_eq!(used["login"], "ana@example.com");
    follow(&app, json!({ "token": secret, "new_password": PASSWORD }))
        .await?
        .problem(410, "link-over")?;
    let person = app.get("/api/people/ana@example.com").await?.expect(200)?;
    assert_eq!(
        (&person["name"], &person["role"]),
        (&json!("Ana"), &json!("operator"))
    );
    assert_eq!(app.get("/api/people").await?.json["invitations"], json!([]));
    let late = app
        .post(
            "/api/people/invitations",
            &json!({ "email": "eva@example.com", "role": "viewer" }),
        )
        .await?;
    let late = token(&late.expect(201)?)?;
    app.world.advance(SignedDuration::from_hours(7 * 24 + 1));
    follow(&app, json!({ "token": late, "new_password": PASSWORD }))
        .await?
        .problem(410, "link-over")?;
    app.finish().await
}

#[tokio::test]
async fn an_invitation_to_an_address_with_an_account_adds_only_together_with_its_session() -> Outcome {
    let app = App::start().await?;
    let own = app.organization("Acme").await?;
    let other = app.organization("Beta").await?;
    let ana = app.member(&own, "owner").await?;
    let thief = app.member(&other, "owner").await?;
    // Whoever invites has the link, and must not get at the account by it.
    let path = format!("/api/organizations/{other}/invitations");
    let invite = json!({ "email": ana.email, "role": "viewer" });
    let made = Answer::of(app.by(&thief, Method::POST, &path).json(&invite))
        .await?
        .expect(201)?;
    let body = json!({ "token": token(&made)?, "new_password": "Thief-thief-123" });
    follow(&app, body.clone()).await?.problem(409, "email-taken")?;
    Answer::of(app.by(&thief, Method::POST, "/api/auth/link").json(&body))
        .await?
        .problem(409, "email-taken")?;
    let again = app.sign_in(&ana.email).await?;
    Answer::of(app.by(&again, Method::POST, "/api/auth/link").json(&body))
        .await?
        .expect(200)?;
    let me = Answer::of(app.by(&again, Method::GET, "/api/auth/me"))
        .await?
        .expect(200)?;
    assert_eq!(me["memberships"].as_array().map(Vec::len), Some(2));
    app.sign_in(&ana.email).await?;
    app.finish().await
}

#[tokio::test]
async fn a_link_for_another_password_ends_what_was_open_and_an_earlier_one() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let path = format!("/api/people/{}/reset", ana.email);
    let nothing = json!({});
    let first = token(&app.post(&path, &nothing).await?.expect(201)?)?;
    let second = token(&app.post(&path, &nothing).await?.expect(201)?)?;
    let new = "Otra-clave-larga-9";
    follow(&app, json!({ "token": first, "new_password": new }))
        .await?
        .problem(410, "link-over")?;
    follow(&app, json!({ "token": second, "new_password": new }))
        .await?
        .expect(200)?;
    Answer::of(app.by(&ana, Method::GET, "/api/auth/me"))
        .await?
        .problem(401, "unauthenticated")?;
    assert!(app.sign_in(&ana.email).await.is_err());
    let body = json!({ "email": ana.email, "password": new });
    Answer::of(app.bare(Method::POST, "/api/auth/login").json(&body))
        .await?
        .expect(200)?;
    let dump = app.database.dump().await?;
    assert!(!dump.contains(&second) && !dump.contains(new));
    let late = token(&app.post(&path, &nothing).await?.expect(201)?)?;
    app.world.advance(SignedDuration::from_hours(25));
    follow(&app, json!({ "token": late, "new_password": new }))
        .await?
        .problem(410, "link-over")?;
    app.finish().await
}

#[tokio::test]
async fn another_address_counts_once_its_link_was_followed() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let eva = app.staff("viewer").await?;
    let path = format!("/api/people/{}/email", ana.id);
    let taken = app
        .post(&path, &json!({ "new_email": eva.email }))
        .await?
        .expect(201)?;
    follow(&app, json!({ "token": token(&taken)? }))
        .await?
        .problem(409, "email-taken")?;
    let made = app
        .post(&path, &json!({ "new_email": "ana.new@example.com" }))
        .await?
        .expect(201)?;
    app.sign_in(&ana.email).await?;
    follow(&app, json!({ "token": token(&made)? }))
        .await?
        .expect(200)?;
    assert!(app.sign_in(&ana.email).await.is_err());
    assert_eq!(app.sign_in("ana.new@example.com").await?.id, ana.id);
    app.finish().await
}

#[tokio::test]
async fn an_organization_keeps_an_owner_and_its_heads_give_no_more_than_they_have() -> Outcome {
    let app = App::start().await?;
    let own = app.organization("Acme").await?;
    let owner = app.member(&own, "owner").await?;
    let admin = app.member(&own, "admin").await?;
    let member = app.member(&own, "member").await?;
    let invitations = format!("/api/organizations/{own}/invitations");
    let invite = json!({ "email": "evil@example.com", "role": "owner" });
    Answer::of(app.by(&admin, Method::POST, &invitations).json(&invite))
        .await?
        .problem(403, "forbidden")?;
    let at = |id: &str| format!("/api/organizations/{own}/members/{id}");
    let role = |role: &str| json!({ "role": role });
    let patch = |who, id: &str, to: &str| Answer::of(app.by(who, Method::PATCH, &at(id)).json(&role(to)));
    patch(&admin, &owner.id, "viewer")
        .await?
        .problem(403, "forbidden")?;
    patch(&admin, &admin.id, "owner")
        .await?
        .problem(403, "forbidden")?;
    patch(&admin, &member.id, "whatever").await?.refuses("role")?;
    patch(&admin, &member.id, "viewer").await?.expect(204)?;
    patch(&owner, &owner.id, "admin")
        .await?
        .problem(409, "last-owner")?;
    Answer::of(app.by(&owner, Method::DELETE, &at(&owner.id)))
        .await?
        .problem(409, "last-owner")?;
    // Whoever may not change members may still leave.
    Answer::of(app.by(&member, Method::DELETE, &at(&member.id)))
        .await?
        .expect(204)?;
    let rename = Answer::of(
        app.by(&owner, Method::PATCH, &format!("/api/organizations/{own}"))
            .json(&json!({ "name": "" })),
    );
    rename.await?.refuses("name")?;
    app.organization("Beta").await?;
    let taken = json!({ "name": "BETA" });
    let rename = Answer::of(
        app.by(&owner, Method::PATCH, &format!("/api/organizations/{own}"))
            .json(&taken),
    );
    rename.await?.problem(409, "organization-name-taken")?;
    app.finish().await
}
