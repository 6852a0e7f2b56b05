//! Entering with a support access.

use super::Scene;
use crate::app::Outcome;
use crate::app::answer::Answer;
use crate::app::worker::Reply;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use wire::entry::Visitor;
use wire::node::Order;

/// The token of a link.
pub fn token(url: &str) -> Outcome<String> {
    let (page, token) = url.split_once('#').ok_or("no token")?;
    assert_eq!(page, "https://acme.example.com/tenantry/enter");
    assert_eq!(token.len(), 64);
    Ok(token.to_owned())
}

#[tokio::test]
async fn the_link_is_at_the_tenant_s_own_host_and_only_its_hash_goes_anywhere_else() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    let entered = scene.act(&scene.helper, &access, "enter").await?;
    assert_eq!(entered.header("cache-control"), "no-store");
    let entered = entered.expect(200)?;
    let token = token(entered["url"].as_str().ok_or("no url")?)?;
    let order = scene.worker.seen().pop().map(|command| command.order);
    let Some(Order::EnterTenant(order)) = order else {
        return Err("no order to let somebody in".into());
    };
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(order.token_hash, hash);
    let Visitor::Support {
        display_name,
        ends_at,
        ..
    } = order.visitor
    else {
        return Err("not as support".into());
    };
    assert_eq!(display_name, "Support (Tenantry)");
    let seen = scene.seen(&access).await?;
    assert_eq!((&seen["state"], &seen["entries"]), (&json!("open"), &json!(1)));
    assert_eq!(seen["ends_at"], ends_at.to_string());
    // Neither the token nor anything from which somebody else could get it is kept.
    assert!(!scene.app.database.dump().await?.contains(&token));
    // Again, while it is open: another link, the same end.
    let again = scene.act(&scene.helper, &access, "enter").await?.expect(200)?;
    assert_ne!(again["url"], entered["url"]);
    let later = scene.seen(&access).await?;
    assert_eq!(
        (&later["entries"], &later["ends_at"]),
        (&json!(2), &seen["ends_at"])
    );
    scene.finish().await
}

#[tokio::test]
async fn a_repeated_request_gives_the_same_link() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    let ask = || {
        let request = scene
            .app
            .by(&scene.helper, Method::POST, &Scene::path(&access, "enter"));
        Answer::of(request.header("idempotency-key", "one"))
    };
    let (first, second) = (ask().await?.expect(200)?, ask().await?.expect(200)?);
    assert_eq!(first["url"], second["url"]);
    assert_eq!(scene.seen(&access).await?["entries"], 1);
    scene.finish().await
}

#[tokio::test]
async fn nobody_enters_with_another_s_access() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    for role in ["owner", "admin", "operator"] {
        let person = scene.app.staff(role).await?;
        scene
            .act(&person, &access, "enter")
            .await?
            .problem(403, "forbidden")?;
    }
    scene
        .act(&scene.owner, &access, "enter")
        .await?
        .problem(403, "forbidden")?;
    let answer = Answer::of(scene.app.request(Method::POST, &Scene::path(&access, "enter"))).await?;
    answer.problem(403, "forbidden")?;
    // Nor at another tenant's place.
    scene.app.tenant("beta").await?;
    let path = Scene::path(&access, "enter").replace("acme", "beta");
    let answer = Answer::of(scene.app.by(&scene.helper, Method::POST, &path)).await?;
    answer.problem(404, "not-found")?;
    scene.finish().await
}

#[tokio::test]
async fn nobody_enters_a_tenant_that_is_shut_or_busy() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    let back_office = json!({ "reason": "unpaid", "form": "back-office" });
    scene
        .app
        .post("/api/tenants/acme/suspend", &back_office)
        .await?
        .expect(200)?;
    scene
        .act(&scene.helper, &access, "enter")
        .await?
        .problem(409, "state")?;
    scene
        .app
        .post("/api/tenants/acme/resume", &json!({}))
        .await?
        .expect(200)?;
    Answer::of(scene.app.request(Method::POST, "/api/tenants/acme/pause"))
        .await?
        .expect(200)?;
    scene
        .act(&scene.helper, &access, "enter")
        .await?
        .problem(409, "state")?;
    Answer::of(scene.app.request(Method::POST, "/api/tenants/acme/resume"))
        .await?
        .expect(200)?;
    scene
        .app
        .delete("/api/tenants/acme?confirm=acme")
        .await?
        .expect(200)?;
    scene
        .act(&scene.helper, &access, "enter")
        .await?
        .problem(409, "support-state")?;
    assert_eq!(scene.seen(&access).await?["state"], "revoked");
    scene.request(&scene.helper).await?.problem(409, "state")?;
    scene.finish().await
}

#[tokio::test]
async fn a_node_that_cannot_let_in_is_said_and_the_access_stays() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    scene.worker.answer(|_| Reply::Failed("tenant-shut"));
    scene
        .act(&scene.helper, &access, "enter")
        .await?
        .problem(409, "operation-failed")?;
    scene.worker.answer(|_| Reply::Done);
    scene.act(&scene.helper, &access, "enter").await?.expect(200)?;
    scene.finish().await
}

#[tokio::test]
async fn its_time_is_counted_from_the_first_entry() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    scene.app.world.advance(SignedDuration::from_mins(10));
    scene.act(&scene.helper, &access, "enter").await?.expect(200)?;
    scene.app.world.advance(SignedDuration::from_mins(59));
    let helper = scene.app.sign_in(&scene.helper.email).await?;
    scene.act(&helper, &access, "enter").await?.expect(200)?;
    scene.app.world.advance(SignedDuration::from_mins(1));
    scene
        .act(&helper, &access, "enter")
        .await?
        .problem(409, "support-state")?;
    for operation in scene.app.control.support_due().await? {
        scene.app.ended(&operation.to_string()).await?;
    }
    let owner = scene.app.sign_in(&scene.owner.email).await?;
    let list = Answer::of(scene.app.by(&owner, Method::GET, "/api/tenants/acme/support")).await?;
    let seen = list.expect(200)?["items"][0].clone();
    assert_eq!(
        (&seen["state"], &seen["over_by"]),
        (&json!("expired"), &json!("system"))
    );
    scene.finish().await
}
