//! That a support access ends: given back, taken away, over, or without whoever had it.

use super::Scene;
use crate::app::Outcome;
use crate::app::answer::Answer;
use crate::app::worker::Reply;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use testkit::eventually;
use wire::node::Order;

/// How often nodes were told to end an access.
fn endings(scene: &Scene) -> usize {
    let seen = scene.worker.seen();
    seen.iter()
        .filter(|command| matches!(command.order, Order::EndEntries(_)))
        .count()
}

#[tokio::test]
async fn the_customer_takes_it_away_and_nobody_is_inside() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    scene.act(&scene.helper, &access, "enter").await?.expect(200)?;
    let over = scene.act(&scene.owner, &access, "end").await?.expect(200)?;
    assert_eq!(
        (&over["state"], &over["over_by"], over["closed_at"].is_string()),
        (&json!("revoked"), &json!(scene.owner.id), true)
    );
    assert_eq!(endings(&scene), 1);
    scene
        .act(&scene.helper, &access, "enter")
        .await?
        .problem(409, "support-state")?;
    scene
        .act(&scene.owner, &access, "end")
        .await?
        .problem(409, "support-state")?;
    scene.finish().await
}

#[tokio::test]
async fn it_is_given_back_by_whoever_has_it_and_taken_by_admins_only() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    let operator = scene.app.staff("operator").await?;
    scene
        .act(&operator, &access, "end")
        .await?
        .problem(403, "forbidden")?;
    let over = scene.act(&scene.helper, &access, "end").await?.expect(200)?;
    assert_eq!(over["state"], "ended");
    // Nobody had entered, so that no node has to be told.
    assert_eq!(endings(&scene), 0);
    let access = scene.approved().await?;
    let admin = scene.app.staff("admin").await?;
    let over = scene.act(&admin, &access, "end").await?.expect(200)?;
    assert_eq!(over["state"], "revoked");
    let other = scene.app.organization("Beta").await?;
    let stranger = scene.app.member(&other, "owner").await?;
    scene
        .act(&stranger, &access, "end")
        .await?
        .problem(404, "not-found")?;
    scene.finish().await
}

#[tokio::test]
async fn what_could_not_be_ended_while_the_tenant_was_busy_is_ended_after_that() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    scene.act(&scene.helper, &access, "enter").await?.expect(200)?;
    scene.worker.answer(|order| match order {
        Order::SetPassword(_) => Reply::Never,
        _ => Reply::Done,
    });
    let body = json!({ "new_password": "Quetzal-volando-48" });
    let busy = scene
        .app
        .at_once(Method::POST, "/api/tenants/acme/password", &body)
        .await?
        .expect(202)?;
    let over = scene.act(&scene.owner, &access, "end").await?.expect(200)?;
    assert_eq!(
        (&over["state"], over["closed_at"].is_null()),
        (&json!("revoked"), true)
    );
    assert_eq!(endings(&scene), 0);
    let mut held = None;
    for _ in 0..500 {
        let seen = scene.worker.seen();
        held = seen
            .into_iter()
            .find(|command| matches!(command.order, Order::SetPassword(_)));
        if held.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    scene.worker.node().done(&held.ok_or("no command")?).await?;
    scene
        .app
        .ended(busy["operation_id"].as_str().unwrap_or_default())
        .await?;
    for _ in 0..500 {
        if scene.seen(&access).await?["closed_at"].is_string() {
            return scene.finish().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Err("nobody told the node".into())
}

#[tokio::test]
async fn a_node_that_failed_is_told_again() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    scene.act(&scene.helper, &access, "enter").await?.expect(200)?;
    scene.worker.answer(|_| Reply::Failed("postgres-unavailable"));
    let over = scene.act(&scene.owner, &access, "end").await?.expect(200)?;
    assert!(over["closed_at"].is_null(), "{over}");
    // Not at once again and again.
    assert_eq!(
        (scene.app.control.support_due().await?.len(), endings(&scene)),
        (0, 1)
    );
    scene.worker.answer(|_| Reply::Done);
    scene.app.world.advance(jiff::SignedDuration::from_secs(31));
    // The clock may have come before.
    scene.app.control.support_due().await?;
    eventually(Duration::from_secs(60), async || {
        scene
            .seen(&access)
            .await
            .is_ok_and(|seen| seen["closed_at"].is_string())
    })
    .await?;
    scene.finish().await
}

#[tokio::test]
async fn whoever_is_shut_out_or_may_not_help_any_more_loses_it() -> Outcome {
    let scene = Scene::new().await?;
    for change in [
        json!({ "role": "viewer" }),
        json!({ "role": "support" }),
        json!({ "state": "disabled" }),
    ] {
        let helper = scene.app.sign_in(&scene.helper.email).await?;
        let is_helper = change["role"] != "support";
        let access = match is_helper {
            true => {
                let access = scene.request(&helper).await?.expect(201)?;
                scene.act(&scene.owner, &access, "approve").await?.expect(200)?
            }
            false => json!(null),
        };
        let path = format!("/api/people/{}", helper.id);
        scene.app.patch(&path, &change).await?.expect(200)?;
        scene.app.control.support_due().await?;
        if is_helper {
            assert_eq!(scene.seen(&access).await?["state"], "revoked", "{change}");
        }
    }
    scene.finish().await
}

#[tokio::test]
async fn it_does_not_go_with_the_tenant_to_another_customer() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.approved().await?;
    let other = scene.app.organization("Beta").await?;
    scene.app.assign("acme", &other).await?;
    let owner = scene.app.member(&other, "owner").await?;
    let list = Answer::of(scene.app.by(&owner, Method::GET, "/api/tenants/acme/support")).await?;
    assert_eq!(list.expect(200)?["items"][0]["state"], "revoked");
    scene
        .act(&scene.helper, &access, "enter")
        .await?
        .problem(409, "support-state")?;
    scene.finish().await
}
