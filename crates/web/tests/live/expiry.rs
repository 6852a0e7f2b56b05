//! When a tenant's time ends, as it is said and asked for.

use crate::app::{App, Outcome, new_tenant};
use serde_json::json;

#[tokio::test]
async fn an_end_is_said_shown_asked_for_and_taken_back() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let now = app.world.now();
    let end = now + jiff::SignedDuration::from_hours(20 * 24);
    let mut tenant = new_tenant("soon");
    tenant["expires_at"] = json!(end.to_string());
    let made = app.post("/api/tenants", &tenant).await?.expect(201)?;
    assert_eq!(made["expires_at"], json!(end));
    assert!(app.tenant("never").await?["expires_at"].is_null());
    let within = async |days: &str| {
        let found = app.get(&format!("/api/tenants?expires_in={days}")).await?;
        Outcome::Ok(found.expect(200)?["total"].clone())
    };
    assert_eq!((within("30d").await?, within("19d").await?), (json!(1), json!(0)));
    // Whose time is over is not among those whose time is to end.
    let past = json!({ "expires_at": (now - jiff::SignedDuration::from_hours(1)).to_string() });
    app.patch("/api/tenants/never", &past).await?.expect(200)?;
    assert_eq!(within("30d").await?, json!(1));
    let day = app
        .patch("/api/tenants/soon", &json!({ "expires_at": "2099-12-31" }))
        .await?
        .expect(200)?;
    assert_eq!(day["expires_at"], "2100-01-01T00:00:00Z");
    let never = app
        .patch("/api/tenants/soon", &json!({ "expires_at": "never" }))
        .await?
        .expect(200)?;
    assert!(never["expires_at"].is_null());
    let page = app.get("/admin/dashboard").await?;
    assert!(page.text.contains("/admin/tenants?expires_in=30d"));
    drop(worker);
    // What its end makes of it may be under way.
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_new_name_and_a_new_end_come_true_together() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    let body = json!({ "subdomain": "beta", "expires_at": "2099-12-31" });
    let renamed = app.patch("/api/tenants/acme", &body).await?.expect(200)?;
    assert_eq!(
        (&renamed["subdomain"], &renamed["expires_at"]),
        (&json!("beta"), &json!("2100-01-01T00:00:00Z"))
    );
    drop(worker);
    app.finish().await
}
