//! How a node comes to be known.

use crate::app::answer::Answer;
use crate::app::node::Node;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::json;

async fn enrol(app: &App, token: &str) -> Outcome<Answer> {
    Answer::of(
        app.bare(Method::POST, "/node/v1/enrol")
            .json(&Node::enrolment("wanted", token)),
    )
    .await
}

async fn token(app: &App, name: &str) -> Outcome<String> {
    let token = app
        .post("/api/nodes/tokens", &json!({ "name": name }))
        .await?
        .expect(201)?;
    Ok(token["token"].as_str().ok_or("no token")?.to_owned())
}

#[tokio::test]
async fn a_token_enrols_one_node_under_the_token_s_name() -> Outcome {
    let app = App::start().await?;
    let token = token(&app, "alpha").await?;
    let enrolled = enrol(&app, &token).await?.expect(201)?;
    enrol(&app, &token).await?.problem(410, "link-over")?;
    let nodes = app.get("/api/nodes").await?.expect(200)?;
    assert_eq!(
        (&nodes["items"][0]["id"], &nodes["items"][0]["name"]),
        (&enrolled["node"], &json!("alpha"))
    );
    assert_eq!(
        (&nodes["items"][0]["state"], &nodes["items"][0]["domain"]),
        (&json!("away"), &json!("example.com"))
    );
    assert_eq!(nodes["items"].as_array().map(Vec::len), Some(1));
    assert!(!app.database.dump().await?.contains(&token));
    app.finish().await
}

#[tokio::test]
async fn a_token_past_its_end_and_one_that_never_was_enrol_nobody() -> Outcome {
    let app = App::start().await?;
    let token = token(&app, "alpha").await?;
    for wrong in ["", "tne_", "garbage", "tne_' OR 1=1 --", "a\0b"] {
        enrol(&app, wrong).await?.problem(410, "link-over")?;
    }
    app.world.advance(jiff::SignedDuration::from_hours(24));
    enrol(&app, &token).await?.problem(410, "link-over")?;
    assert_eq!(app.get("/api/nodes").await?.expect(200)?["items"], json!([]));
    app.finish().await
}

#[tokio::test]
async fn an_enrolment_that_makes_no_sense_does_not_use_the_token_up() -> Outcome {
    let app = App::start().await?;
    let token = token(&app, "alpha").await?;
    for (field, value) in [
        ("address_pattern", "https://example.com"),
        ("address_pattern", "https://*.*.example.com"),
        ("address_pattern", "ftp://*.example.com"),
        ("address_pattern", "https://*.example.com\r\nX-Evil: 1"),
        ("name", "Not A Name"),
        ("domain", "exa_mple.com"),
        ("domain", "../etc"),
    ] {
        let mut body = Node::enrolment("alpha", &token);
        body[field] = json!(value);
        let answer = Answer::of(app.bare(Method::POST, "/node/v1/enrol").json(&body)).await?;
        answer
            .refuses(field)
            .map_err(|e| format!("{field} {value}: {e}"))?;
    }
    for field in ["token", "name", "version", "domain", "address_pattern"] {
        let mut body = Node::enrolment("alpha", &token);
        body.as_object_mut().ok_or("no object")?.remove(field);
        Answer::of(app.bare(Method::POST, "/node/v1/enrol").json(&body))
            .await?
            .refuses(field)?;
    }
    enrol(&app, &token).await?.expect(201)?;
    app.finish().await
}

#[tokio::test]
async fn a_node_that_enrols_again_stays_who_it_was_and_its_old_credential_is_over() -> Outcome {
    let app = App::start().await?;
    let first = app.node_with_template("alpha").await?;
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    let again = app.enrol("alpha").await?;
    assert_eq!(again.id, first.id);
    Answer::of(first.request(Method::GET, "/node/v1/commands?slots=1&wait=0&version=1"))
        .await?
        .problem(401, "unauthenticated")?;
    let command = again.next().await?;
    again.done(&command).await?;
    app.finish().await
}

#[tokio::test]
async fn a_node_is_online_while_it_asks() -> Outcome {
    let app = App::start().await?;
    let node = app.enrol("alpha").await?;
    node.poll(&[], 1, 0).await?;
    let state = async || {
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
            app.get("/api/nodes").await?.expect(200)?["items"][0]["state"].clone(),
        )
    };
    assert_eq!(state().await?, "online");
    app.world.advance(jiff::SignedDuration::from_secs(120));
    assert_eq!(state().await?, "away");
    app.finish().await
}
