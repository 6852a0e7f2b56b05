//! Asking and deciding.

use super::Scene;
use crate::app::Outcome;
use crate::app::answer::Answer;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_customer_is_asked_and_sees_everything() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.request(&scene.helper).await?.expect(201)?;
    assert_eq!(
        (&access["state"], &access["requested_by"], &access["reason"]),
        (
            &json!("requested"),
            &json!(scene.helper.id),
            &json!("ticket 812: the invoice total")
        )
    );
    scene
        .act(&scene.helper, &access, "enter")
        .await?
        .problem(409, "support-state")?;
    let body = json!({ "note": "go ahead" });
    let approved = scene
        .post(&scene.owner, &Scene::path(&access, "approve"), body)
        .await?
        .expect(200)?;
    assert_eq!(
        (&approved["state"], &approved["decided_by"], &approved["note"]),
        (&json!("approved"), &json!(scene.owner.id), &json!("go ahead"))
    );
    assert_eq!(scene.seen(&access).await?, approved);
    scene
        .act(&scene.owner, &access, "refuse")
        .await?
        .problem(409, "support-state")?;
    for action in ["support.request", "support.approve"] {
        assert_eq!(scene.app.trail(action).await?.len(), 1, "{action}");
    }
    let live = Answer::of(scene.app.by(&scene.owner, Method::GET, "/api/support")).await?;
    assert_eq!(live.expect(200)?["items"], json!([approved]));
    scene.finish().await
}

#[tokio::test]
async fn a_reason_and_a_time_within_bounds_are_required() -> Outcome {
    let scene = Scene::new().await?;
    for (body, field) in [
        (json!({ "minutes": 60 }), "reason"),
        (json!({ "reason": "x", "minutes": 60 }), "reason"),
        (json!({ "reason": "ticket 812" }), "minutes"),
        (json!({ "reason": "ticket 812", "minutes": 0 }), "minutes"),
        (json!({ "reason": "ticket 812", "minutes": 241 }), "minutes"),
    ] {
        let answer = scene
            .post(&scene.helper, "/api/tenants/acme/support", body.clone())
            .await?;
        answer
            .refuses(field)
            .map_err(|error| format!("{body}: {error}"))?;
    }
    scene.app.put_value("support.longest_minutes", json!(30)).await?;
    let body = json!({ "reason": "ticket 812", "minutes": 60 });
    scene
        .post(&scene.helper, "/api/tenants/acme/support", body)
        .await?
        .refuses("minutes")?;
    scene.finish().await
}

#[tokio::test]
async fn nobody_but_the_customer_s_own_heads_decides() -> Outcome {
    let scene = Scene::new().await?;
    let access = scene.request(&scene.helper).await?.expect(201)?;
    let other = scene.app.organization("Beta").await?;
    for (person, status, kind) in [
        (scene.helper.clone(), 403, "forbidden"),
        (scene.app.staff("owner").await?, 403, "forbidden"),
        (scene.app.staff("admin").await?, 403, "forbidden"),
        (
            scene.app.member(&scene.organization, "member").await?,
            403,
            "forbidden",
        ),
        (scene.app.member(&other, "owner").await?, 404, "not-found"),
    ] {
        for verb in ["approve", "refuse"] {
            let answer = scene.act(&person, &access, verb).await?;
            answer
                .problem(status, kind)
                .map_err(|error| format!("{} {verb}: {error}", person.email))?;
        }
    }
    // Nor does a key, whoever made it.
    let key = json!({ "name": "erp", "role": "owner", "organizations": [scene.organization] });
    let path = "/api/keys";
    let made = scene.post(&scene.owner, path, key).await?.expect(201)?;
    let secret = made["secret"].as_str().ok_or("no secret")?;
    let request = scene.app.bare(Method::POST, &Scene::path(&access, "approve"));
    let answer = Answer::of(request.bearer_auth(secret).json(&json!({}))).await?;
    answer.problem(403, "forbidden")?;
    assert_eq!(scene.seen(&access).await?["state"], "requested");
    scene.finish().await
}

#[tokio::test]
async fn a_tenant_of_no_organization_is_decided_about_by_another_admin() -> Outcome {
    let scene = Scene::new().await?;
    let path = "/api/tenants/acme/organization";
    Answer::of(scene.app.request(Method::PUT, path).json(&json!({})))
        .await?
        .expect(200)?;
    let (admin, second) = (scene.app.staff("admin").await?, scene.app.staff("owner").await?);
    let access = scene.request(&admin).await?.expect(201)?;
    scene
        .act(&admin, &access, "approve")
        .await?
        .problem(403, "forbidden")?;
    // Nor with a key of their own.
    let key = json!({ "name": "own", "role": "admin" });
    let made = scene.post(&admin, "/api/keys", key).await?.expect(201)?;
    let secret = made["secret"].as_str().ok_or("no secret")?.to_owned();
    let request = scene.app.bare(Method::POST, &Scene::path(&access, "approve"));
    let answer = Answer::of(request.bearer_auth(&secret).json(&json!({}))).await?;
    answer.problem(403, "forbidden")?;
    scene.act(&second, &access, "approve").await?.expect(200)?;
    // And what the key asks for, its maker does not approve.
    let body = json!({ "reason": "ticket 813", "minutes": 5 });
    let asked = scene
        .app
        .bare(Method::POST, "/api/tenants/acme/support")
        .bearer_auth(&secret);
    let asked = Answer::of(asked.json(&body)).await?.expect(201)?;
    scene
        .act(&admin, &asked, "approve")
        .await?
        .problem(403, "forbidden")?;
    scene.app.put_value("support.unowned", json!("open")).await?;
    let at_once = scene.request(&scene.helper).await?.expect(201)?;
    assert_eq!(at_once["state"], "approved");
    scene.finish().await
}

#[tokio::test]
async fn an_organization_wants_to_be_told_to_be_asked_or_nothing_of_it() -> Outcome {
    let scene = Scene::new().await?;
    let admin = scene.app.staff("owner").await?;
    scene.wish(&admin, "open").await?.problem(403, "forbidden")?;
    let opened = scene.wish(&scene.owner, "open").await?.expect(200)?;
    assert_eq!(opened["support_access"], "open");
    let access = scene.request(&scene.helper).await?.expect(201)?;
    assert_eq!(
        (&access["state"], &access["decided_by"]),
        (&json!("approved"), &json!("system"))
    );
    scene.act(&scene.helper, &access, "enter").await?.expect(200)?;
    // Never: what there is ends at once, and there is no more of it, not even through the glass.
    scene.wish(&scene.owner, "never").await?.expect(200)?;
    assert_eq!(scene.seen(&access).await?["state"], "revoked");
    scene
        .request(&scene.helper)
        .await?
        .problem(409, "support-never")?;
    let glass = json!({ "reason": "ticket 812", "minutes": 5, "break_glass": true });
    let answer = scene.post(&admin, "/api/tenants/acme/support", glass).await?;
    answer.problem(409, "support-never")?;
    scene
        .wish(&scene.owner, "sometimes")
        .await?
        .refuses("support_access")?;
    scene.app.ended(&last_operation(&scene).await?).await?;
    scene.finish().await
}

/// The newest operation on the tenant.
async fn last_operation(scene: &Scene) -> Outcome<String> {
    let list = scene.app.get("/api/operations").await?.expect(200)?;
    Ok(list["items"][0]["id"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_owner_of_the_staff_breaks_the_glass_and_the_customer_sees_it() -> Outcome {
    let scene = Scene::new().await?;
    let glass =
        json!({ "reason": "the shop is down and nobody answers", "minutes": 30, "break_glass": true });
    for role in ["support", "admin"] {
        let person = match role {
            "support" => scene.helper.clone(),
            _ => scene.app.staff(role).await?,
        };
        let answer = scene
            .post(&person, "/api/tenants/acme/support", glass.clone())
            .await?;
        answer.problem(403, "forbidden")?;
    }
    let owner = scene.app.staff("owner").await?;
    let access = scene
        .post(&owner, "/api/tenants/acme/support", glass)
        .await?
        .expect(201)?;
    assert_eq!(
        (&access["state"], &access["break_glass"]),
        (&json!("approved"), &json!(true))
    );
    assert_eq!(scene.seen(&access).await?["break_glass"], true);
    assert_eq!(scene.app.trail("support.break_glass").await?.len(), 1);
    scene.finish().await
}

#[tokio::test]
async fn what_nobody_decides_or_uses_lapses() -> Outcome {
    let scene = Scene::new().await?;
    let asked = scene.request(&scene.helper).await?.expect(201)?;
    scene
        .request(&scene.helper)
        .await?
        .problem(409, "support-under-way")?;
    scene.app.world.advance(SignedDuration::from_hours(25));
    // Whoever was signed in has to come again; the decision is what counts here.
    let owner = scene.app.sign_in(&scene.owner.email).await?;
    scene
        .act(&owner, &asked, "approve")
        .await?
        .problem(409, "support-state")?;
    scene.app.control.support_due().await?;
    let list = Answer::of(scene.app.by(&owner, Method::GET, "/api/tenants/acme/support")).await?;
    let states: Vec<Value> = list.expect(200)?["items"]
        .as_array()
        .ok_or("no items")?
        .iter()
        .map(|item| item["state"].clone())
        .collect();
    assert_eq!(states, ["expired"]);
    // An approval that nobody used, too; and then there is room for another request.
    let helper = scene.app.sign_in(&scene.helper.email).await?;
    let again = scene.request(&helper).await?.expect(201)?;
    scene.act(&owner, &again, "approve").await?.expect(200)?;
    scene.app.world.advance(SignedDuration::from_hours(25));
    let helper = scene.app.sign_in(&scene.helper.email).await?;
    scene
        .act(&helper, &again, "enter")
        .await?
        .problem(409, "support-state")?;
    scene.finish().await
}
