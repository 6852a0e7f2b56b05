//! Settings: in force at once, on every server, with everything that was before.

use super::PATIENCE;
use crate::app::answer::Answer;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::eventually;

#[tokio::test]
async fn a_setting_is_in_force_at_once_and_tells_its_history() -> Outcome {
    let app = App::start().await?;
    let path = "/api/settings/password.shortest";
    let before = app.get(path).await?.expect(200)?;
    assert_eq!(
        (&before["value"], &before["default"], &before["type"]),
        (&json!(8), &json!(8), &json!("number"))
    );
    assert!(before.get("updated_at").is_none());
    let after = app.put(path, &json!({ "value": 20 })).await?.expect(200)?;
    assert_eq!(after["value"], 20);
    assert!(
        after["updated_by"]
            .as_str()
            .is_some_and(|by| by.starts_with("key_"))
    );
    let short = app.post("/api/tenants", &new_tenant("acme")).await?;
    assert!(short.refuses("admin_password")?.contains("20"));
    assert!(
        Answer::of(app.bare(Method::GET, "/set-password"))
            .await?
            .text
            .contains("minlength=\"20\"")
    );
    // As older clients send it.
    let text = json!({ "key": "password.shortest", "value": "12" });
    assert_eq!(app.put(path, &text).await?.expect(200)?["value"], 12);
    assert_eq!(app.delete(path).await?.expect(200)?["value"], 8);
    let history = app.get(&format!("{path}/history")).await?.expect(200)?;
    let changes: Vec<(Value, Value)> = history["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|change| (change["before"].clone(), change["after"].clone()))
        .collect();
    assert_eq!(
        changes,
        [
            (json!(12), Value::Null),
            (json!(20), json!(12)),
            (Value::Null, json!(20))
        ]
    );
    assert!(history["items"][0]["request_id"].is_string());
    assert_eq!(
        app.get(&format!("{path}/history?limit=1")).await?.expect(200)?["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let audit = "SELECT count(*) FROM audit_entry WHERE action IN ('setting.set', 'setting.reset') AND subject = 'password.shortest'";
    assert_eq!(app.database.count(audit).await?, 3);
    app.finish().await
}

#[tokio::test]
async fn a_setting_reaches_the_other_servers() -> Outcome {
    let mut app = App::start().await?;
    let replica = app.replica().await?;
    app.put_value("brand.name", json!("Nubes del Caribe")).await?;
    let head = |base: String| async move { reqwest::get(format!("{base}/")).await?.text().await };
    assert!(head(app.base.clone()).await?.contains(">Nubes del Caribe</a>"));
    eventually(PATIENCE, || async {
        head(replica.clone())
            .await
            .is_ok_and(|page| page.contains(">Nubes del Caribe</a>"))
    })
    .await?;
    app.finish().await
}

#[tokio::test]
async fn several_are_set_together_or_not_at_all() -> Outcome {
    let app = App::start().await?;
    let configs = |second: Value| json!({ "configs": [{ "key": "limits.per_key", "value": 77 }, { "key": "password.shortest", "value": second }] });
    let refused = app.post("/api/settings/bulk", &configs(json!(3))).await?;
    assert!(refused.refuses("password.shortest")?.contains("between 8 and 64"));
    let one = || async { app.get("/api/settings/limits.per_key").await?.expect(200) };
    assert_eq!(one().await?["value"], 12_000);
    let set = app
        .post("/api/settings/bulk", &configs(json!(10)))
        .await?
        .expect(200)?;
    assert_eq!((&set["total"], &set["success_count"]), (&json!(2), &json!(2)));
    assert_eq!(one().await?["value"], 77);
    let unknown = json!({ "configs": [{ "key": "jwt.secret", "value": "x" }] });
    app.post("/api/settings/bulk", &unknown)
        .await?
        .refuses("jwt.secret")?;
    app.finish().await
}

#[tokio::test]
async fn the_list_tells_types_and_bounds_in_the_caller_s_language() -> Outcome {
    let app = App::start().await?;
    let list = app.get("/api/settings").await?.expect(200)?;
    let configs = list["configs"].as_array().ok_or("no list")?;
    assert_eq!(list["total"], configs.len());
    assert!(
        list["by_category"]["limits"]
            .as_array()
            .is_some_and(|names| names.len() == 3)
    );
    let request = app.request(Method::GET, "/api/settings?category=wall");
    let wall = Answer::of(request.header("accept-language", "es"))
        .await?
        .expect(200)?;
    assert_eq!(wall["total"], 5);
    assert!(
        wall["configs"][0]["description"]
            .as_str()
            .is_some_and(|text| text.starts_with("Rutas"))
    );
    assert_eq!(wall["configs"][0]["words"], json!(["refuse", "report", "off"]));
    app.finish().await
}

#[tokio::test]
async fn the_environment_of_the_process_is_no_setting() -> Outcome {
    let app = App::start().await?;
    for name in ["PATH", "HOME", "JWT_SECRET_KEY", "DATABASE_URL", "env", "odoo"] {
        app.get(&format!("/api/settings/{name}"))
            .await?
            .problem(404, "not-found")?;
        let value = json!({ "value": "x" });
        app.put(&format!("/api/settings/{name}"), &value)
            .await?
            .problem(404, "not-found")?;
    }
    app.finish().await
}

#[tokio::test]
async fn a_tombstone_lasts_as_long_as_it_is_set_to() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    app.put_value("tenant.tombstone_days", json!(7)).await?;
    app.tenant("acme").await?;
    app.delete("/api/tenants/acme?confirm=acme").await?.expect(200)?;
    let days =
        "SELECT extract(day FROM purge_after - deleted_at)::bigint FROM tenant WHERE subdomain = 'acme'";
    assert_eq!(app.database.count(days).await?, 7);
    drop(worker);
    app.finish().await
}
