//! What is sold: written, closed to new tenants, and not removed while tenants have it.

use crate::app::{App, Outcome, new_tenant};
use serde_json::{Value, json};

async fn plan(app: &App, name: &str) -> Outcome<Value> {
    let list = app.get("/api/plans").await?.expect(200)?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let found = items.into_iter().find(|plan| plan["name"] == name);
    found.ok_or_else(|| format!("no plan {name}").into())
}

#[tokio::test]
async fn a_plan_is_made_changed_ordered_and_removed() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = json!({ "name": "team", "display_name": "<b>Team</b>", "max_users": 15, "max_storage_bytes": 3_i64 << 30 });
    let made = app.post("/api/plans", &body).await?.expect(201)?;
    assert_eq!(
        (&made["position"], &made["is_offered"]),
        (&json!(8), &json!(true))
    );
    app.post("/api/plans", &body)
        .await?
        .problem(409, "plan-name-taken")?;
    let change = json!({ "max_users": 0, "position": 0 });
    let changed = app.patch("/api/plans/team", &change).await?.expect(200)?;
    assert!(changed["max_users"].is_null() && changed["max_storage_bytes"] == made["max_storage_bytes"]);
    let first = app.get("/api/plans").await?.expect(200)?["items"][0]["name"].clone();
    assert_eq!(first, "team");
    app.patch("/api/plans/gone", &change)
        .await?
        .problem(404, "not-found")?;
    app.patch("/api/plans/team", &json!({})).await?.refuses("body")?;
    let mut tenant = new_tenant("acme");
    tenant["plan"] = json!("team");
    app.post("/api/tenants", &tenant).await?.expect(201)?;
    app.delete("/api/plans/team").await?.refuses("confirm")?;
    app.delete("/api/plans/team?confirm=basic")
        .await?
        .refuses("confirm")?;
    let used = app
        .delete("/api/plans/team?confirm=team")
        .await?
        .problem(409, "sold-in-use")?;
    assert!(
        used["detail"].as_str().is_some_and(|detail| detail.contains('1')),
        "{used}"
    );
    app.patch("/api/tenants/acme", &json!({ "plan": "pro" }))
        .await?
        .expect(200)?;
    app.delete("/api/plans/team?confirm=team").await?.expect(204)?;
    assert!(plan(&app, "team").await.is_err());
    for action in ["plan.create", "plan.update", "plan.remove"] {
        assert_eq!(app.trail(action).await?.len(), 1, "{action}");
    }
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn nobody_new_gets_a_plan_that_is_closed_and_whoever_has_it_keeps_it() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    app.patch("/api/plans/basic", &json!({ "is_offered": false }))
        .await?
        .expect(200)?;
    assert_eq!(plan(&app, "basic").await?["tenants"], 1);
    app.post("/api/tenants", &new_tenant("other"))
        .await?
        .refuses("plan")?;
    app.patch(
        "/api/tenants/acme",
        &json!({ "company_name": "Acme 2", "plan": "basic" }),
    )
    .await?
    .expect(200)?;
    app.patch("/api/tenants/acme", &json!({ "plan": "pro" }))
        .await?
        .expect(200)?;
    app.patch("/api/tenants/acme", &json!({ "plan": "basic" }))
        .await?
        .refuses("plan")?;
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn nothing_is_made_of_a_product_that_is_closed() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = json!({ "name": "shop", "display_name": "Shop" });
    let made = app.post("/api/products", &body).await?.expect(201)?;
    assert_eq!(made["driver"], "odoo");
    app.post("/api/products", &body)
        .await?
        .problem(409, "product-name-taken")?;
    let mut tenant = new_tenant("acme");
    tenant["product"] = json!("shop");
    app.post("/api/tenants", &tenant).await?.expect(201)?;
    app.patch(
        "/api/products/shop",
        &json!({ "is_offered": false, "display_name": "Old shop" }),
    )
    .await?
    .expect(200)?;
    tenant["subdomain"] = json!("other");
    app.post("/api/tenants", &tenant).await?.refuses("product")?;
    app.delete("/api/products/shop?confirm=shop")
        .await?
        .problem(409, "sold-in-use")?;
    app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    // A tombstone can come back, and then it is of this product.
    app.delete("/api/products/shop?confirm=shop")
        .await?
        .problem(409, "sold-in-use")?;
    app.post("/api/tenants/acme/purge", &json!({ "confirm": "acme" }))
        .await?
        .expect(200)?;
    app.delete("/api/products/shop?confirm=shop").await?.expect(204)?;
    drop(worker);
    app.finish().await
}
