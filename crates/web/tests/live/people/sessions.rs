//! Sessions: renewed, seen, ended, and a copied refresh token found out.

use crate::app::answer::Answer;
use crate::app::people::{PASSWORD, Person};
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

async fn refresh(app: &App, token: &str) -> Outcome<Answer> {
    let body = json!({ "refresh_token": token });
    Answer::of(app.bare(Method::POST, "/api/auth/refresh").json(&body)).await
}

async fn get(app: &App, person: &Person, path: &str) -> Outcome<Answer> {
    Answer::of(app.by(person, Method::GET, path)).await
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_copy_ends_the_session() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let other = app.sign_in(&ana.email).await?;
    app.world.advance(SignedDuration::from_mins(20));
    let renewed = refresh(&app, &ana.refresh).await?.expect(200)?;
    let (access, second) = (text(&renewed, "access_token"), text(&renewed, "refresh_token"));
    let request = app.bare(Method::GET, "/api/auth/me").bearer_auth(&access);
    Answer::of(request).await?.expect(200)?;
    app.world.advance(SignedDuration::from_secs(10));
    // A thief, or the one who was robbed: nobody can tell, so nobody goes on.
    refresh(&app, &ana.refresh)
        .await?
        .problem(401, "unauthenticated")?;
    refresh(&app, &second).await?.problem(401, "unauthenticated")?;
    let request = app.bare(Method::GET, "/api/auth/me").bearer_auth(&access);
    Answer::of(request).await?.problem(401, "unauthenticated")?;
    assert_eq!(app.trail("session.token-reused").await?.len(), 1);
    // Another session of the same person is another family.
    refresh(&app, &other.refresh).await?.expect(200)?;
    let dump = app.database.dump().await?;
    assert!(!dump.contains(&second) && !dump.contains(&ana.refresh));
    app.finish().await
}

#[tokio::test]
async fn two_tabs_in_the_same_moment_end_nothing_and_only_one_gets_tokens() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let answers = futures_util::future::try_join_all((0..8).map(|_| refresh(&app, &ana.refresh))).await?;
    let mut given = Vec::new();
    for answer in answers {
        match answer.status.as_u16() {
            200 => given.push(text(&answer.json, "refresh_token")),
            _ => assert!(
                !answer
                    .problem(409, "just-refreshed")?
                    .to_string()
                    .contains("token\":\"tnr_")
            ),
        }
    }
    assert_eq!(given.len(), 1);
    refresh(&app, &given[0]).await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn a_refresh_token_ends_after_a_week_and_a_session_after_thirty_days_of_use() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let eva = app.staff("viewer").await?;
    app.world.advance(SignedDuration::from_hours(7 * 24 + 1));
    refresh(&app, &ana.refresh)
        .await?
        .problem(401, "unauthenticated")?;
    let _ = eva;
    let mut token = app.sign_in(&ana.email).await?.refresh;
    for _ in 0..5 {
        app.world.advance(SignedDuration::from_hours(6 * 24 - 1));
        token = text(&refresh(&app, &token).await?.expect(200)?, "refresh_token");
    }
    app.world.advance(SignedDuration::from_hours(24));
    refresh(&app, &token).await?.problem(401, "unauthenticated")?;
    app.finish().await
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_at_once() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let second = app.sign_in(&ana.email).await?;
    let third = app.sign_in(&ana.email).await?;
    let eva = app.staff("viewer").await?;
    let listed = get(&app, &ana, "/api/auth/sessions").await?.expect(200)?;
    let items = listed["items"].as_array().cloned().unwrap_or_default();
    assert_eq!(items.len(), 3);
    assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1);
    assert!(
        items
            .iter()
            .all(|item| item["address"] == "127.0.0.1" && item["methods"] == json!(["password"]))
    );
    let sid = text(&get(&app, &second, "/api/auth/me").await?.expect(200)?, "session");
    let path = format!("/api/auth/sessions/{sid}");
    // Somebody else's session is not there.
    Answer::of(app.by(&eva, Method::DELETE, &path))
        .await?
        .problem(404, "not-found")?;
    get(&app, &second, "/api/auth/me").await?.expect(200)?;
    Answer::of(app.by(&ana, Method::DELETE, &path))
        .await?
        .expect(204)?;
    get(&app, &second, "/api/auth/me")
        .await?
        .problem(401, "unauthenticated")?;
    refresh(&app, &second.refresh)
        .await?
        .problem(401, "unauthenticated")?;
    Answer::of(app.by(&ana, Method::POST, "/api/auth/logout/all"))
        .await?
        .expect(200)?;
    for person in [&ana, &third] {
        get(&app, person, "/api/auth/me")
            .await?
            .problem(401, "unauthenticated")?;
        refresh(&app, &person.refresh)
            .await?
            .problem(401, "unauthenticated")?;
    }
    get(&app, &eva, "/api/auth/me").await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn another_password_wants_the_old_one_and_ends_the_other_sessions() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let other = app.sign_in(&ana.email).await?;
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        Answer::of(app.by(&ana, Method::PUT, "/api/auth/password").json(&body))
    };
    change("Wrong-wrong-1", "Otra-clave-larga-9")
        .await?
        .refuses("current_password")?;
    change(PASSWORD, "short").await?.refuses("new_password")?;
    change(PASSWORD, &ana.email).await?.refuses("new_password")?;
    change(PASSWORD, "Otra-clave-larga-9").await?.expect(204)?;
    get(&app, &ana, "/api/auth/me").await?.expect(200)?;
    get(&app, &other, "/api/auth/me")
        .await?
        .problem(401, "unauthenticated")?;
    assert!(app.sign_in(&ana.email).await.is_err());
    app.finish().await
}

#[tokio::test]
async fn a_new_role_and_being_shut_out_count_with_the_next_request() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("operator").await?;
    let name = json!({ "name": "Acme" });
    let make = || Answer::of(app.by(&ana, Method::POST, "/api/organizations").json(&name));
    make().await?.expect(201)?;
    let path = format!("/api/people/{}", ana.email);
    let patch = |body: Value| Answer::of(app.request(Method::PATCH, &path).json(&body));
    patch(json!({ "role": "viewer" })).await?.expect(200)?;
    make().await?.problem(403, "forbidden")?;
    patch(json!({ "state": "disabled" })).await?.expect(200)?;
    get(&app, &ana, "/api/auth/me")
        .await?
        .problem(401, "unauthenticated")?;
    refresh(&app, &ana.refresh)
        .await?
        .problem(401, "unauthenticated")?;
    assert!(app.sign_in(&ana.email).await.is_err());
    patch(json!({ "state": "active" })).await?.expect(200)?;
    app.sign_in(&ana.email).await?;
    app.finish().await
}

#[tokio::test]
async fn nobody_rises_above_themselves_and_the_last_owner_stays() -> Outcome {
    let app = App::start().await?;
    let admin = app.staff("admin").await?;
    let owner = app.staff("owner").await?;
    let invite = json!({ "email": "evil@example.com", "role": "owner" });
    let request = app
        .by(&admin, Method::POST, "/api/people/invitations")
        .json(&invite);
    Answer::of(request).await?.problem(403, "forbidden")?;
    for (path, body) in [
        (format!("/api/people/{}", admin.id), json!({ "role": "owner" })),
        (format!("/api/people/{}", owner.id), json!({ "role": "viewer" })),
        (
            format!("/api/people/{}", owner.id),
            json!({ "state": "disabled" }),
        ),
    ] {
        Answer::of(app.by(&admin, Method::PATCH, &path).json(&body))
            .await?
            .problem(403, "forbidden")?;
    }
    let path = format!("/api/people/{}/reset", owner.id);
    Answer::of(app.by(&admin, Method::POST, &path))
        .await?
        .problem(403, "forbidden")?;
    let key = json!({ "name": "robot", "role": "owner" });
    Answer::of(app.by(&admin, Method::POST, "/api/keys").json(&key))
        .await?
        .problem(403, "forbidden")?;
    let path = format!("/api/people/{}", owner.id);
    for body in [json!({ "role": "admin" }), json!({ "state": "disabled" })] {
        Answer::of(app.by(&owner, Method::PATCH, &path).json(&body))
            .await?
            .problem(409, "last-owner")?;
    }
    app.finish().await
}
