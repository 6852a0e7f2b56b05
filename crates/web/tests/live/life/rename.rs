//! Moving to another name, and the other changes of what is known of a customer.

use super::{operation_of, show, with_tenant};
use crate::app::worker::Reply;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::json;
use wire::node::Order;

#[tokio::test]
async fn a_renamed_tenant_is_found_by_its_new_name_only_and_the_old_one_is_free() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let before = show(&app, "acme").await?;
    let tenant = app
        .patch("/api/tenants/acme", &json!({ "subdomain": "acme_two" }))
        .await?
        .expect(200)?;
    assert_eq!(tenant["id"], before["id"]);
    for (field, value) in [
        ("subdomain", "acme_two"),
        ("database", "acme_two"),
        ("url", "https://acme-two.example.com"),
        ("state", "active"),
        ("company_name", "Acme S.R.L."),
    ] {
        assert_eq!(tenant[field], value, "{field}");
    }
    let seen = worker.seen();
    let Some(Order::RenameTenant(order)) = seen.last().map(|command| &command.order) else {
        return Err(format!("not ordered: {seen:?}").into());
    };
    assert_eq!((order.from.as_str(), order.to.as_str()), ("acme", "acme_two"));
    assert_eq!(order.base_url, "https://acme-two.example.com");
    assert_eq!(seen.last().map(|command| command.generation), Some(2));
    app.get("/api/tenants/acme").await?.problem(404, "not-found")?;
    app.tenant("acme").await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn both_names_are_taken_while_it_moves() -> Outcome {
    let (app, worker) = with_tenant().await?;
    worker.answer(|order| {
        if matches!(order, Order::RenameTenant(_)) {
            Reply::Never
        } else {
            Reply::Done
        }
    });
    let operation = operation_of(
        app.at_once(
            Method::PATCH,
            "/api/tenants/acme",
            &json!({ "subdomain": "new-name" }),
        )
        .await?,
    )?;
    for name in ["acme", "new-name", "new_name"] {
        app.post("/api/tenants", &new_tenant(name))
            .await?
            .problem(409, "name-taken")
            .map_err(|e| format!("{name}: {e}"))?;
    }
    app.tenant("other").await?;
    let rename = app
        .patch("/api/tenants/other", &json!({ "subdomain": "new_name" }))
        .await?;
    rename.problem(409, "name-taken")?;
    let tenant = show(&app, "acme").await?;
    assert_eq!(
        (&tenant["state"], &tenant["operation"]),
        (&json!("active"), &json!(operation))
    );
    app.get("/api/tenants/new-name")
        .await?
        .problem(404, "not-found")?;
    drop(worker);
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn after_a_rename_that_failed_everything_is_as_before_and_the_new_name_is_free() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let before = show(&app, "acme").await?;
    worker.answer(|_| Reply::Failed("database-busy"));
    let body = json!({ "subdomain": "new-name", "plan": "pro", "company_name": "Other" });
    app.patch("/api/tenants/acme", &body)
        .await?
        .problem(502, "operation-failed")?;
    let after = show(&app, "acme").await?;
    for field in [
        "subdomain",
        "database",
        "url",
        "state",
        "plan",
        "company_name",
        "operation",
    ] {
        assert_eq!(before[field], after[field], "{field}");
    }
    assert_eq!(
        app.database
            .count("SELECT count(*) FROM name_reservation")
            .await?,
        1
    );
    worker.answer(|_| Reply::Done);
    app.tenant("new_name").await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn other_changes_come_true_together_with_the_rename() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let body = json!({ "subdomain": "acme2", "plan": "pro", "company_name": "Ñandú" });
    let tenant = app.patch("/api/tenants/acme", &body).await?.expect(200)?;
    assert_eq!(
        (&tenant["plan"], &tenant["company_name"]),
        (&json!("pro"), &json!("Ñandú"))
    );
    let before = app.database.dump().await?;
    let unknown = json!({ "subdomain": "acme3", "plan": "gold" });
    app.patch("/api/tenants/acme2", &unknown).await?.refuses("plan")?;
    app.database.still(&before).await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn names_that_are_taken_or_the_same_are_refused_and_nothing_changes() -> Outcome {
    let (app, worker) = with_tenant().await?;
    app.tenant("demo-x").await?;
    let before = app.database.dump().await?;
    for name in ["demo-x", "demo_x"] {
        app.patch("/api/tenants/acme", &json!({ "subdomain": name }))
            .await?
            .problem(409, "name-taken")?;
    }
    app.patch("/api/tenants/demo-x", &json!({ "subdomain": "demo_x" }))
        .await?
        .refuses("subdomain")?;
    app.patch("/api/tenants/acme", &json!({}))
        .await?
        .refuses("body")?;
    app.patch("/api/tenants/nobody", &json!({ "subdomain": "somebody" }))
        .await?
        .problem(404, "not-found")?;
    app.patch("/api/tenants/nobody", &json!({ "plan": "pro" }))
        .await?
        .problem(404, "not-found")?;
    app.database.still(&before).await?;
    // Its own name is no change, and no failure.
    assert_eq!(
        app.patch("/api/tenants/acme", &json!({ "subdomain": "acme" }))
            .await?
            .expect(200)?["subdomain"],
        "acme"
    );
    app.database.still(&before).await?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn plan_and_company_change_at_once_and_are_in_the_audit_trail() -> Outcome {
    let (app, worker) = with_tenant().await?;
    let orders = worker.seen().len();
    let tenant = app
        .patch(
            "/api/tenants/acme",
            &json!({ "plan": "business", "company_name": " Ñandú " }),
        )
        .await?
        .expect(200)?;
    assert_eq!(
        (&tenant["plan"], &tenant["company_name"]),
        (&json!("business"), &json!("Ñandú"))
    );
    assert!(tenant["operation_id"].is_null());
    assert_eq!(show(&app, "acme").await?["plan"], "business");
    assert_eq!(worker.seen().len(), orders);
    let dump = app.database.dump().await?;
    let entry = dump
        .lines()
        .find(|line| line.starts_with("audit_entry") && line.contains("tenant.update"))
        .ok_or("no entry")?;
    for part in [
        "\"before\"",
        "\"basic\"",
        "\"business\"",
        "Acme S.R.L.",
        "Ñandú",
        "key_",
    ] {
        assert!(entry.contains(part), "{part} in {entry}");
    }
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn of_two_tenants_that_want_one_name_at_once_one_gets_it() -> Outcome {
    let app = App::with_worker().await?;
    let (app, worker) = app;
    for name in ["one", "two", "three"] {
        app.tenant(name).await?;
    }
    let body = json!({ "subdomain": "wanted" });
    let paths = ["/api/tenants/one", "/api/tenants/two", "/api/tenants/three"];
    let mut won = 0;
    for answer in futures_util::future::try_join_all(paths.map(|path| app.patch(path, &body))).await? {
        match answer.status.as_u16() {
            200 => won += 1,
            _ => drop(answer.problem(409, "name-taken")?),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(app.get("/api/tenants").await?.expect(200)?["total"], 3);
    drop(worker);
    app.finish().await
}
