//! Templates that nodes build.

use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_template_that_cannot_be_built_anew_leaves_the_older_one() -> Outcome {
    let app = App::start().await?;
    let node = app.enrol("alpha").await?;
    let built = async |ok: bool| -> Outcome<Value> {
        app.post("/api/templates", &json!({ "modules": ["web"] }))
            .await?
            .expect(202)?;
        app.post("/api/templates", &json!({}))
            .await?
            .problem(409, "build-under-way")?;
        let command = node.next().await?;
        if ok {
            node.done(&command).await?
        } else {
            node.failed(&command, "odoo-failed").await?
        }
        Ok(app.get("/api/templates").await?.expect(200)?["items"][0].clone())
    };
    let first = built(false).await?;
    assert_eq!(
        (&first["state"], &first["built_at"]),
        (&json!("failed"), &Value::Null)
    );
    let second = built(true).await?;
    assert_eq!(
        (&second["state"], &second["odoo_version"]),
        (&json!("ready"), &json!("17.0"))
    );
    assert_eq!(
        (&second["languages"], &second["size_bytes"]),
        (&json!(["es_ES", "en_US"]), &json!(41_000_000))
    );
    assert_eq!(built(false).await?, second);
    app.finish().await
}

#[tokio::test]
async fn a_template_that_is_being_built_anew_can_still_be_cloned() -> Outcome {
    let (app, node) = App::with_node().await?;
    app.post("/api/templates", &json!({})).await?.expect(202)?;
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    for command in node.poll(&[], 8, 0).await? {
        node.done(&command).await?;
    }
    app.finish().await
}
