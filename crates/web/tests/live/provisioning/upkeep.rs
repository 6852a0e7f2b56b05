//! Addresses, names and files: what later versions of the system that this one replaces had.

use crate::app::worker::Reply;
use crate::app::{App, Outcome};
use serde_json::json;
use wire::node::{Order, TenantCheck};

#[tokio::test]
async fn an_address_is_changed_in_the_application_and_in_what_is_registered() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let body = json!({ "subdomain": "acme", "new_email": "Eva@EXAMPLE.com", "server": "alpha" });
    let path = "/api/provisioning/tenant/email";
    let done = app.put(path, &body).await?.expect(200)?;
    assert_eq!(
        (&done["success"], &done["new_email"]),
        (&json!(true), &json!("Eva@example.com"))
    );
    assert!(done["message"].is_string() && done["subdomain"] == "acme");
    assert_eq!(
        app.get("/api/tenants/acme").await?.expect(200)?["admin_email"],
        "Eva@example.com"
    );
    worker.answer(|_| Reply::Failed("login-taken"));
    let other = json!({ "subdomain": "acme", "new_email": "ana@example.com" });
    app.put(path, &other).await?.problem(409, "operation-failed")?;
    assert_eq!(
        app.get("/api/tenants/acme").await?.expect(200)?["admin_email"],
        "Eva@example.com"
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn a_name_that_leads_here_needs_no_record() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("demo_x").await?;
    app.database
        .run("UPDATE node SET domain = 'localhost', address_pattern = 'http://*.localhost:8080'")
        .await?;
    let path = "/api/provisioning/dns";
    let body = json!({ "subdomain": "demo_x", "domain": "localhost" });
    let done = app.post(path, &body).await?.expect(200)?;
    assert_eq!(
        (&done["success"], &done["url"]),
        (&json!(true), &json!("http://demo-x.localhost:8080"))
    );
    assert!(
        done["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("demo-x.localhost"))
    );
    app.post(path, &json!({ "subdomain": "nobody" }))
        .await?
        .problem(404, "not-found")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn files_are_looked_after_and_what_was_found_is_told_as_it_is() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for name in ["broken", "few", "fine"] {
        app.tenant(name).await?;
    }
    let status = "/api/provisioning/deployment-status";
    let before = app.get(status).await?.expect(200)?;
    assert_eq!(
        (&before["total"], &before["deployments"][0]["status"]),
        (&json!(3), &json!("unchecked"))
    );
    worker.answer(|order| {
        let Order::CheckTenant(order) = order else {
            return Reply::Done;
        };
        let found = |files, missing_files, repaired_files| {
            Reply::Found(TenantCheck {
                files,
                missing_files,
                repaired_files,
                gate_right: true,
                marker_right: true,
            })
        };
        match (order.database.as_str(), order.repair) {
            ("few", _) => found(20, 0, 0),
            ("broken", false) => found(500, 7, 0),
            ("broken", true) => found(500, 0, 7),
            _ => found(500, 0, 0),
        }
    });
    let path = "/api/provisioning/tenants/maintenance";
    let looked = app.post(path, &json!({})).await?.expect(200)?;
    assert_eq!(
        (&looked["success"], &looked["checked"]),
        (&json!(false), &json!(3))
    );
    let words = |body: &serde_json::Value, list: &str| -> Vec<String> {
        let all = body[list].as_array().cloned().unwrap_or_default();
        all.iter().map(|one| one["status"].to_string()).collect()
    };
    assert_eq!(
        words(&looked, "results"),
        ["\"broken\"", "\"few-files\"", "\"healthy\""]
    );
    let one = app
        .post(path, &json!({ "tenant": "few", "min_files": 10 }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&one["success"], &one["results"][0]["status"]),
        (&json!(true), &json!("healthy"))
    );
    let request = app.request(reqwest::Method::POST, "/api/provisioning/repair-deployments");
    let repaired = crate::app::answer::Answer::of(request).await?.expect(200)?;
    assert_eq!(
        (&repaired["success"], &repaired["repaired_files"]),
        (&json!(true), &json!(7))
    );
    let after = app.get(status).await?.expect(200)?;
    assert_eq!(
        words(&after, "deployments"),
        ["\"healthy\"", "\"few-files\"", "\"healthy\""]
    );
    worker.answer(|_| Reply::Failed("postgres-unavailable"));
    let failed = app.post(path, &json!({ "tenant": "fine" })).await?.expect(200)?;
    assert_eq!(
        (&failed["success"], &failed["checked"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(failed["results"][0]["status"], "failed");
    drop(worker);
    app.finish().await
}
