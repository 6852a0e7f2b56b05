//! The link that makes the first owner.

use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, cookies};
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

const EMAIL: &str = "Olga@Example.com";

async fn welcome(app: &App, token: &str) -> Outcome<Answer> {
    let body = json!({ "token": token, "email": EMAIL, "new_password": PASSWORD });
    Answer::of(app.bare(Method::POST, "/welcome").json(&body)).await
}

async fn token(app: &App) -> Outcome<String> {
    let link = app.control.owner_link().await?;
    Ok(link
        .strip_prefix("https://panel.example.com/welcome#")
        .ok_or("another link")?
        .to_owned())
}

#[tokio::test]
async fn it_works_once_and_whoever_had_it_is_an_owner_who_is_signed_in() -> Outcome {
    let app = App::start().await?;
    let token = token(&app).await?;
    let founded = welcome(&app, &token).await?;
    let cookie = cookies(&founded.headers);
    founded.expect(201)?;
    for _ in 0..2 {
        welcome(&app, &token).await?.problem(410, "link-over")?;
    }
    let me = Answer::of(app.bare(Method::GET, "/api/auth/me").header("cookie", &cookie))
        .await?
        .expect(200)?;
    assert_eq!(
        (&me["staff_role"], &me["email"]),
        (&json!("owner"), &json!("olga@example.com"))
    );
    let olga = app.sign_in("OLGA@example.com").await?;
    let key = Answer::of(
        app.by(&olga, Method::POST, "/api/keys")
            .json(&json!({ "name": "more" })),
    )
    .await?;
    assert_eq!(key.expect(201)?["role"], "owner");
    let dump = app.database.dump().await?;
    assert!(!dump.contains(&token) && !dump.contains(PASSWORD) && dump.contains("person.owner"));
    app.finish().await
}

#[tokio::test]
async fn what_breaks_a_rule_leaves_it_working() -> Outcome {
    let app = App::start().await?;
    let token = token(&app).await?;
    for (field, body) in [
        ("email", json!({ "token": token, "new_password": PASSWORD })),
        (
            "email",
            json!({ "token": token, "email": "olga", "new_password": PASSWORD }),
        ),
        ("new_password", json!({ "token": token, "email": EMAIL })),
        (
            "new_password",
            json!({ "token": token, "email": EMAIL, "new_password": "password123" }),
        ),
        (
            "new_password",
            json!({ "token": token, "email": EMAIL, "new_password": EMAIL }),
        ),
    ] {
        Answer::of(app.bare(Method::POST, "/welcome").json(&body))
            .await?
            .refuses(field)?;
    }
    welcome(&app, &token).await?.expect(201)?;
    app.finish().await
}

#[tokio::test]
async fn of_twenty_who_use_it_at_once_one_becomes_the_owner() -> Outcome {
    let app = App::start().await?;
    let token = token(&app).await?;
    let mut made = 0;
    for answer in futures_util::future::try_join_all((0..20).map(|_| welcome(&app, &token))).await? {
        match answer.status.as_u16() {
            201 => made += 1,
            _ => drop(answer.problem(410, "link-over")?),
        }
    }
    assert_eq!(made, 1);
    app.finish().await
}

#[tokio::test]
async fn a_later_link_lets_an_owner_back_in_who_lost_the_password_and_ends_what_was_open() -> Outcome {
    let app = App::start().await?;
    welcome(&app, &token(&app).await?).await?.expect(201)?;
    let before = app.sign_in(EMAIL).await?;
    let body = json!({ "token": token(&app).await?, "email": EMAIL, "new_password": "Otra-clave-larga-9" });
    Answer::of(app.bare(Method::POST, "/welcome").json(&body))
        .await?
        .expect(201)?;
    assert!(app.sign_in(EMAIL).await.is_err());
    Answer::of(app.by(&before, Method::GET, "/api/auth/me"))
        .await?
        .problem(401, "unauthenticated")?;
    let people = app.get("/api/people").await?.expect(200)?;
    assert_eq!(people["items"].as_array().map(Vec::len), Some(1));
    app.finish().await
}

#[tokio::test]
async fn it_ends_after_a_week_and_no_other_token_opens() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let owner = token(&app).await?;
    let mut body = crate::app::new_tenant("acme");
    body["admin_password"] = Value::Null;
    let tenant = app.post("/api/tenants", &body).await?.expect(201)?;
    let link = tenant["set_password_link"]
        .as_str()
        .and_then(|link| link.split_once('#'))
        .ok_or("no link")?;
    // A link opens its own door only.
    welcome(&app, link.1).await?.problem(410, "link-over")?;
    for door in ["/set-password", "/api/auth/link"] {
        let body = json!({ "token": owner, "new_password": "Quetzal-volando-48" });
        Answer::of(app.bare(Method::POST, door).json(&body))
            .await?
            .problem(410, "link-over")?;
    }
    for wrong in ["", "0", "' OR 1=1 --", "a\0b"] {
        welcome(&app, wrong).await?.problem(410, "link-over")?;
    }
    app.world.advance(jiff::SignedDuration::from_hours(7 * 24 + 1));
    welcome(&app, &owner).await?.problem(410, "link-over")?;
    drop(worker);
    app.finish().await
}
