//! One change for many tenants.

use super::show;
use crate::app::worker::Reply;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use wire::node::Order;

fn outcomes(body: &Value) -> Vec<(String, String)> {
    let tenants = body["tenants"].as_array().cloned().unwrap_or_default();
    tenants
        .iter()
        .map(|one| {
            let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
            (text("subdomain"), text("outcome"))
        })
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(name, outcome)| ((*name).to_owned(), (*outcome).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_changes_nothing() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["one", "two", "three"] {
        app.tenant(name).await?;
    }
    app.delete("/api/tenants/two?confirm=two").await?.expect(200)?;
    drop(worker);
    let before = app.database.dump().await?;
    let body = json!({ "action": "suspend", "all": true, "reason": "unpaid", "dry_run": true });
    let said = app.post("/api/bulk", &body).await?.expect(200)?;
    assert_eq!((&said["dry_run"], &said["found"]), (&json!(true), &json!(2)));
    assert_eq!(
        outcomes(&said),
        pairs(&[("one", "would-change"), ("three", "would-change")])
    );
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn each_tenant_has_an_outcome_of_its_own_and_one_stops_no_other() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["busy", "fails", "fine", "paused"] {
        app.tenant(name).await?;
    }
    let pause = app.request(Method::POST, "/api/tenants/paused/pause");
    crate::app::answer::Answer::of(pause).await?.expect(200)?;
    worker.answer(|_| Reply::Never);
    app.at_once(Method::POST, "/api/tenants/busy/suspend", &json!({}))
        .await?
        .expect(202)?;
    let taken = async || {
        let is_busy = |command: &wire::node::Command| matches!(&command.order, Order::SuspendTenant(order) if order.database.as_str() == "busy");
        worker.seen().iter().any(is_busy)
    };
    testkit::eventually(std::time::Duration::from_secs(10), taken).await?;
    worker.answer(|order| match order {
        Order::SuspendTenant(order) if order.database.as_str() == "fails" => Reply::Failed("check-failed"),
        _ => Reply::Done,
    });
    let body = json!({ "action": "suspend", "subdomains": ["busy", "fails", "fine", "paused", "nobody"],
        "reason": "quota", "note": "too much" });
    let done = app.post("/api/bulk", &body).await?.expect(200)?;
    assert_eq!((&done["finished"], &done["found"]), (&json!(true), &json!(4)));
    let expected = [
        ("busy", "refused"),
        ("fails", "failed"),
        ("fine", "succeeded"),
        ("paused", "succeeded"),
    ];
    assert_eq!(outcomes(&done), pairs(&expected));
    for (name, state) in [
        ("fails", "active"),
        ("fine", "suspended"),
        ("paused", "suspended"),
    ] {
        assert_eq!(show(&app, name).await?["state"], state, "{name}");
    }
    let id = done["operation"].as_str().ok_or("no operation")?;
    let operation = app.get(&format!("/api/operations/{id}")).await?.expect(200)?;
    assert_eq!(
        (&operation["state"], &operation["kind"]),
        (&json!("failed"), &json!("tenant.bulk"))
    );
    assert_eq!(operation["failure"]["code"], "parts-failed");
    let parts = app
        .get(&format!("/api/operations?parent={id}"))
        .await?
        .expect(200)?;
    assert_eq!(parts["items"].as_array().map(Vec::len), Some(3));
    let shown = app.get(&format!("/api/bulk/{id}")).await?.expect(200)?;
    assert_eq!(outcomes(&shown), pairs(&expected));
    // What it was for falls with it, and nothing else.
    let body = json!({ "action": "resume", "suspended_for": "quota", "reason": "quota" });
    let resumed = app.post("/api/bulk", &body).await?.expect(200)?;
    assert_eq!(
        outcomes(&resumed),
        pairs(&[("fine", "succeeded"), ("paused", "succeeded")])
    );
    assert_eq!(show(&app, "paused").await?["state"], "paused");
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_change_for_nobody_is_done_and_one_that_is_repeated_is_the_same() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let nobody = json!({ "action": "check", "plan": "pro" });
    let done = app.post("/api/bulk", &nobody).await?.expect(200)?;
    assert_eq!((&done["finished"], &done["found"]), (&json!(true), &json!(0)));
    let body = json!({ "action": "suspend", "all": true });
    let send = || {
        let request = app
            .request(Method::POST, "/api/bulk")
            .header("idempotency-key", "monthly");
        crate::app::answer::Answer::of(request.json(&body))
    };
    let first = send().await?.expect(200)?;
    let again = send().await?.expect(200)?;
    assert_eq!(first, again);
    let suspended = |command: &wire::node::Command| matches!(command.order, Order::SuspendTenant(_));
    assert_eq!(
        worker.seen().iter().filter(|command| suspended(command)).count(),
        1
    );
    app.post("/api/bulk", &json!({ "action": "suspend" }))
        .await?
        .refuses("all")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn fifty_parts_that_end_at_once_end_the_whole_once() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for number in 0..50 {
        app.tenant(&format!("tenant-{number}")).await?;
    }
    let done = app
        .post("/api/bulk", &json!({ "action": "suspend", "search": "tenant-" }))
        .await?
        .expect(200)?;
    assert_eq!((&done["finished"], &done["found"]), (&json!(true), &json!(50)));
    assert!(outcomes(&done).iter().all(|(_, outcome)| outcome == "succeeded"));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_tenant_that_leaves_the_conditions_meanwhile_is_not_changed() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["leaves", "stays"] {
        app.tenant(name).await?;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing cancels it: the test waits for it"
    )]
    let mut leaving = app.database.pool.begin().await?;
    sqlx::query("UPDATE tenant SET plan = 'pro' WHERE subdomain = 'leaves'")
        .execute(&mut *leaving)
        .await?;
    let body = json!({ "action": "suspend", "plan": "basic" });
    let asking = crate::app::answer::Answer::of(app.request(Method::POST, "/api/bulk").json(&body));
    let leave = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let held = async || app.database.count(waits).await.is_ok_and(|count| count > 0);
        testkit::eventually(std::time::Duration::from_secs(10), held).await?;
        Outcome::Ok(leaving.commit().await?)
    };
    let (answer, left) = tokio::join!(asking, leave);
    left?;
    let done = answer?.expect(200)?;
    assert_eq!(outcomes(&done), pairs(&[("stays", "succeeded")]));
    assert_eq!(show(&app, "leaves").await?["state"], "active");
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn more_tenants_than_one_change_takes_are_refused_by_the_condition_that_finds_them() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.database
        .run(
            "INSERT INTO tenant (id, subdomain, database_name, host_label, company_name, admin_email, plan, product, \
                 node_id, template, state, generation, language, created_at, updated_at) \
             SELECT gen_random_uuid(), 'many' || i, 'many' || i, 'many' || i, 'Many', 'a@example.com', 'basic', 'odoo', \
                 (SELECT id FROM node), 'template_tenant', 'active', 1, 'es_ES', now(), now() \
             FROM generate_series(1, 1001) AS i",
        )
        .await?;
    let before = app.database.dump().await?;
    for dry_run in [true, false] {
        let body = json!({ "action": "suspend", "plan": "basic", "dry_run": dry_run });
        let said = app.post("/api/bulk", &body).await?.refuses("plan")?;
        assert!(said.contains("1000"), "{said}");
    }
    app.database.still(&before).await?;
    drop(worker);
    app.finish().await
}
