//! Pausing, closing the back office alone, and what stands above what.

use super::{show, with_tenant};
use crate::app::Outcome;
use serde_json::{Value, json};
use wire::node::{Order, Service};

/// How the node was last told to serve the tenant.
fn served(order: Option<Order>) -> Service {
    match order {
        Some(Order::SuspendTenant(order)) => order.service,
        Some(Order::UndeleteTenant(order)) => order.service,
        _ => Service::Open,
    }
}

#[tokio::test]
async fn a_pause_outlives_a_suspension_and_a_second_resume_ends_it() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let last = || served(worker.seen().pop().map(|command| command.order));
    let steps: [(&str, Value, &str, Service); 9] = [
        ("pause", Value::Null, "paused", Service::Paused),
        ("pause", Value::Null, "paused", Service::Paused),
        (
            "suspend",
            json!({ "reason": "unpaid" }),
            "suspended",
            Service::Suspended,
        ),
        ("resume", json!({ "reason": "unpaid" }), "paused", Service::Paused),
        (
            "suspend",
            json!({ "form": "back-office" }),
            "suspended",
            Service::Paused,
        ),
        ("resume", json!({}), "paused", Service::Paused),
        ("resume", json!({}), "active", Service::Open),
        (
            "suspend",
            json!({ "form": "back-office", "reason": "unpaid" }),
            "suspended",
            Service::Restricted,
        ),
        (
            "suspend",
            json!({ "reason": "abuse" }),
            "suspended",
            Service::Suspended,
        ),
    ];
    for (number, (verb, body, state, service)) in steps.into_iter().enumerate() {
        let answer = match body.is_null() {
            true => {
                let request = app.request(reqwest::Method::POST, &format!("/api/tenants/acme/{verb}"));
                crate::app::answer::Answer::of(request).await?
            }
            false => app.post(&format!("/api/tenants/acme/{verb}"), &body).await?,
        };
        assert_eq!(answer.expect(200)?["state"], state, "{number} {verb}");
        assert_eq!(last(), service, "{number} {verb}");
    }
    let tenant = show(&app, "acme").await?;
    let forms: Vec<&Value> = tenant["suspensions"]
        .as_array()
        .ok_or("no suspensions")?
        .iter()
        .map(|one| &one["form"])
        .collect();
    assert_eq!(forms, ["back-office", "full"]);
    // The stricter one falls, and the website opens again.
    app.post("/api/tenants/acme/resume", &json!({ "reason": "abuse" }))
        .await?
        .expect(200)?;
    assert_eq!(last(), Service::Restricted);
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn who_suspended_when_and_with_which_evidence_is_kept() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let body = json!({ "reason": "unpaid", "note": "invoice 2041" });
    app.post("/api/tenants/acme/suspend", &body).await?.expect(200)?;
    let first = show(&app, "acme").await?["suspensions"][0].clone();
    assert_eq!(
        (&first["reason"], &first["note"]),
        (&json!("unpaid"), &json!("invoice 2041"))
    );
    assert!(
        first["by"].as_str().is_some_and(|by| by.starts_with("key_")),
        "{first}"
    );
    let operation = first["operation"].as_str().ok_or("no operation")?;
    let facts = app
        .get(&format!("/api/operations/{operation}"))
        .await?
        .expect(200)?["facts"]
        .clone();
    let evidence = json!({ "edge_status": 402, "odoo_may_connect": false, "odoo_lists_it": false,
        "sessions_ended": 2, "sessions_left": 0 });
    assert_eq!(facts["evidence"], evidence);
    // Said again without words, it keeps its words and its beginning.
    app.post("/api/tenants/acme/suspend", &json!({ "reason": "unpaid" }))
        .await?
        .expect(200)?;
    let again = show(&app, "acme").await?["suspensions"][0].clone();
    assert_eq!(
        (&again["note"], &again["since"]),
        (&first["note"], &first["since"])
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_tombstone_that_comes_back_is_closed_as_it_was() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let pause = app.request(reqwest::Method::POST, "/api/tenants/acme/pause");
    crate::app::answer::Answer::of(pause).await?.expect(200)?;
    app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    let back = app
        .post("/api/tenants/acme/undelete", &json!({}))
        .await?
        .expect(200)?;
    assert_eq!(back["state"], "paused");
    assert_eq!(
        served(worker.seen().pop().map(|command| command.order)),
        Service::Paused
    );
    drop(worker);
    app.finish().await
}
