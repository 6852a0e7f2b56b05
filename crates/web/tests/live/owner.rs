//! The link that makes the owner's key.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

async fn welcome(app: &App, token: &str) -> Outcome<Answer> {
    Answer::of(
        app.bare(Method::POST, "/welcome")
            .json(&json!({ "token": token })),
    )
    .await
}

async fn token(app: &App) -> Outcome<String> {
    let link = app.control.owner_link().await?;
    Ok(link
        .strip_prefix("https://panel.example.com/welcome#")
        .ok_or("another link")?
        .to_owned())
}

#[tokio::test]
async fn it_works_once_and_the_key_may_do_everything() -> Outcome {
    let app = App::start().await?;
    let token = token(&app).await?;
    let key = welcome(&app, &token).await?.expect(201)?;
    for _ in 0..2 {
        welcome(&app, &token).await?.problem(410, "link-over")?;
    }
    let secret = key["secret"].as_str().ok_or("no secret")?;
    let request = app
        .bare(Method::POST, "/api/keys")
        .bearer_auth(secret)
        .json(&json!({ "name": "more" }));
    Answer::of(request).await?.expect(201)?;
    let dump = app.database.dump().await?;
    assert!(!dump.contains(&token) && !dump.contains(secret) && dump.contains("\"link\""));
    app.finish().await
}

#[tokio::test]
async fn of_twenty_who_use_it_at_once_one_gets_the_key() -> Outcome {
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
async fn a_second_link_on_the_same_day_works_too() -> Outcome {
    let app = App::start().await?;
    for _ in 0..2 {
        let token = token(&app).await?;
        welcome(&app, &token).await?.expect(201)?;
    }
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
    let body = json!({ "token": owner, "new_password": "Quetzal-volando-48" });
    Answer::of(app.bare(Method::POST, "/set-password").json(&body))
        .await?
        .problem(410, "link-over")?;
    for wrong in ["", "0", "' OR 1=1 --", "a\0b"] {
        welcome(&app, wrong).await?.problem(410, "link-over")?;
    }
    app.world.advance(jiff::SignedDuration::from_hours(7 * 24 + 1));
    welcome(&app, &owner).await?.problem(410, "link-over")?;
    drop(worker);
    app.finish().await
}
