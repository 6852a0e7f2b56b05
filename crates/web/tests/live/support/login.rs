//! The customer's own log-in as administrator.

use super::Scene;
use super::enter::token;
use crate::app::Outcome;
use crate::app::answer::Answer;
use reqwest::Method;
use serde_json::json;
use wire::entry::Visitor;
use wire::node::Order;

const PATH: &str = "/api/tenants/acme/login";

#[tokio::test]
async fn owners_and_admins_of_the_organization_enter_as_the_administrator() -> Outcome {
    let scene = Scene::new().await?;
    let admin = scene.app.member(&scene.organization, "admin").await?;
    for person in [&scene.owner, &admin] {
        let answer = Answer::of(scene.app.by(person, Method::POST, PATH))
            .await?
            .expect(200)?;
        token(answer["url"].as_str().ok_or("no url")?)?;
        let order = scene.worker.seen().pop().map(|command| command.order);
        let Some(Order::EnterTenant(order)) = order else {
            return Err("no order to let somebody in".into());
        };
        assert_eq!(order.visitor, Visitor::Administrator);
    }
    assert_eq!(scene.app.trail("tenant.enter").await?.len(), 2);
    scene.finish().await
}

#[tokio::test]
async fn neither_staff_nor_weaker_members_nor_strangers_do() -> Outcome {
    let scene = Scene::new().await?;
    let other = scene.app.organization("Beta").await?;
    for (person, status) in [
        (scene.app.staff("owner").await?, 403),
        (scene.helper.clone(), 403),
        (scene.app.member(&scene.organization, "member").await?, 403),
        (scene.app.member(&other, "owner").await?, 404),
    ] {
        let answer = Answer::of(scene.app.by(&person, Method::POST, PATH)).await?;
        assert_eq!(answer.status, status, "{}: {}", person.email, answer.text);
    }
    Answer::of(scene.app.request(Method::POST, PATH))
        .await?
        .problem(403, "forbidden")?;
    scene.finish().await
}

#[tokio::test]
async fn staff_does_not_get_in_by_a_key_or_a_membership() -> Outcome {
    let scene = Scene::new().await?;
    let body = json!({ "name": "erp", "role": "owner", "organizations": [scene.organization] });
    let staff = scene.app.post("/api/keys", &body).await?.expect(201)?;
    let own = json!({ "name": "portal", "role": "owner", "organizations": [scene.organization] });
    let own = scene.post(&scene.owner, "/api/keys", own).await?.expect(201)?;
    let with = |key: &serde_json::Value| {
        let secret = key["secret"].as_str().unwrap_or_default().to_owned();
        Answer::of(scene.app.bare(Method::POST, PATH).bearer_auth(secret))
    };
    with(&staff).await?.problem(403, "forbidden")?;
    with(&own).await?.expect(200)?;
    // Somebody of the staff who is a member as well.
    let path = format!("/api/organizations/{}/invitations", scene.organization);
    let invitation = json!({ "email": scene.helper.email, "role": "owner" });
    let link = scene.post(&scene.owner, &path, invitation).await?.expect(201)?;
    let (_, secret) = link["link"]
        .as_str()
        .and_then(|link| link.split_once('#'))
        .ok_or("no link")?;
    let join = scene.app.by(&scene.helper, Method::POST, "/api/auth/link");
    Answer::of(join.json(&json!({ "token": secret })))
        .await?
        .expect(200)?;
    Answer::of(scene.app.by(&scene.helper, Method::POST, PATH))
        .await?
        .problem(403, "forbidden")?;
    // Nor do they decide in the customer's name.
    let access = scene
        .request(&scene.app.staff("operator").await?)
        .await?
        .expect(201)?;
    scene
        .act(&scene.helper, &access, "approve")
        .await?
        .problem(403, "forbidden")?;
    scene.finish().await
}

#[tokio::test]
async fn nobody_logs_in_to_a_tenant_that_is_shut() -> Outcome {
    let scene = Scene::new().await?;
    let shut = || Answer::of(scene.app.by(&scene.owner, Method::POST, PATH));
    scene
        .app
        .post("/api/tenants/acme/suspend", &json!({}))
        .await?
        .expect(200)?;
    shut().await?.problem(409, "state")?;
    scene
        .app
        .post("/api/tenants/acme/resume", &json!({}))
        .await?
        .expect(200)?;
    shut().await?.expect(200)?;
    scene
        .app
        .delete("/api/tenants/acme?confirm=acme")
        .await?
        .expect(200)?;
    shut().await?.problem(409, "state")?;
    scene.finish().await
}

#[tokio::test]
async fn an_operation_of_another_gives_nobody_its_link() -> Outcome {
    let scene = Scene::new().await?;
    let entered = Answer::of(scene.app.by(&scene.owner, Method::POST, PATH))
        .await?
        .expect(200)?;
    let secret = token(entered["url"].as_str().ok_or("no url")?)?;
    let path = format!(
        "/api/operations/{}",
        entered["operation_id"].as_str().unwrap_or_default()
    );
    for person in [&scene.owner, &scene.helper] {
        let shown = Answer::of(scene.app.by(person, Method::GET, &path)).await?;
        assert!(
            !shown.text.contains(&secret) && shown.status == 200,
            "{}",
            shown.text
        );
    }
    scene.finish().await
}
