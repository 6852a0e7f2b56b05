//! Suspending for reasons, and letting go on.

use super::{show, with_tenant};
use crate::app::Outcome;
use crate::app::worker::Reply;
use serde_json::json;
use wire::node::Order;

#[tokio::test]
async fn reasons_add_up_and_all_fall_with_a_resume_that_names_none() -> Outcome {
    let (app, worker) = with_tenant().await?;
    for (body, reasons) in [
        (json!({}), json!(["manual"])),
        (json!({ "reason": "unpaid" }), json!(["manual", "unpaid"])),
        (json!({ "reason": "unpaid" }), json!(["manual", "unpaid"])),
        (
            json!({ "reason": "abuse", "note": "It sent spam." }),
            json!(["manual", "unpaid", "abuse"]),
        ),
    ] {
        let tenant = app.post("/api/tenants/acme/suspend", &body).await?.expect(200)?;
        assert_eq!(
            (&tenant["state"], &tenant["suspension_reasons"]),
            (&json!("suspended"), &reasons)
        );
    }
    let seen = worker.seen();
    assert!(matches!(&seen[1].order, Order::SuspendTenant(order) if order.reason == "manual"));
    assert!(matches!(&seen[4].order, Order::SuspendTenant(order) if order.reason == "It sent spam."));
    let tenant = app
        .post("/api/tenants/acme/resume", &json!({}))
        .await?
        .expect(200)?;
    assert_eq!(
        (&tenant["state"], &tenant["suspension_reasons"]),
        (&json!("active"), &json!([]))
    );
    assert!(matches!(
        worker.seen().last().map(|command| &command.order),
        Some(Order::ResumeTenant(_))
    ));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_resume_for_one_reason_leaves_the_others_standing() -> Outcome {
    let (app, worker) = with_tenant().await?;
    for reason in ["unpaid", "abuse"] {
        app.post("/api/tenants/acme/suspend", &json!({ "reason": reason }))
            .await?
            .expect(200)?;
    }
    let tenant = app
        .post("/api/tenants/acme/resume", &json!({ "reason": "unpaid" }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&tenant["state"], &tenant["suspension_reasons"]),
        (&json!("suspended"), &json!(["abuse"]))
    );
    assert!(matches!(
        worker.seen().last().map(|command| &command.order),
        Some(Order::SuspendTenant(_))
    ));
    let tenant = app
        .post("/api/tenants/acme/resume", &json!({ "reason": "abuse" }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&tenant["state"], &tenant["suspension_reasons"]),
        (&json!("active"), &json!([]))
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_bill_that_is_paid_through_the_older_interface_does_not_end_a_suspension_for_abuse() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let path = "/api/provisioning/tenant/suspend";
    app.post("/api/tenants/acme/suspend", &json!({ "reason": "abuse" }))
        .await?
        .expect(200)?;
    app.put(path, &json!({ "subdomain": "acme" }))
        .await?
        .expect(200)?;
    let answer = app
        .put(path, &json!({ "subdomain": "acme", "suspend": false }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&answer["success"], &answer["suspended"], &answer["status"]),
        (&json!(true), &json!(true), &json!("suspended"))
    );
    assert_eq!(show(&app, "acme").await?["suspension_reasons"], json!(["abuse"]));
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn what_fails_on_the_node_changes_nothing() -> Outcome {
    let (app, worker) = with_tenant().await?;
    worker.answer(|_| Reply::Failed("edge-unreachable"));
    app.post("/api/tenants/acme/suspend", &json!({}))
        .await?
        .problem(502, "operation-failed")?;
    let tenant = show(&app, "acme").await?;
    assert_eq!(
        (&tenant["state"], &tenant["suspension_reasons"]),
        (&json!("active"), &json!([]))
    );
    worker.answer(|_| Reply::Done);
    app.post("/api/tenants/acme/suspend", &json!({ "reason": "quota" }))
        .await?
        .expect(200)?;
    worker.answer(|_| Reply::Failed("edge-unreachable"));
    app.post("/api/tenants/acme/resume", &json!({}))
        .await?
        .problem(502, "operation-failed")?;
    let tenant = show(&app, "acme").await?;
    assert_eq!(
        (&tenant["state"], &tenant["suspension_reasons"]),
        (&json!("suspended"), &json!(["quota"]))
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn suspended_tenant_cannot_be_renamed_but_its_password_can_be_set() -> Outcome {
    let (app, worker) = with_tenant().await?;
    app.post("/api/tenants/acme/suspend", &json!({}))
        .await?
        .expect(200)?;
    app.patch("/api/tenants/acme", &json!({ "subdomain": "other" }))
        .await?
        .problem(409, "state")?;
    let body = json!({ "new_password": "Quetzal-volando-48", "end_sessions": true });
    assert_eq!(
        app.post("/api/tenants/acme/password", &body).await?.expect(200)?["state"],
        "suspended"
    );
    drop(worker);
    app.finish().await
}
