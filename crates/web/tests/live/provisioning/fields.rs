//! The very fields and types of its answers.

use super::{TENANT, delete};
use crate::app::{App, Outcome};
use serde_json::{Value, json};

/// Checks that an object has these fields and no others, each of this JSON type.
fn shape(value: &Value, fields: &[(&str, &str)]) -> Outcome {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let object = value.as_object().ok_or_else(|| format!("no object: {value}"))?;
    let mut found: Vec<(&str, &str)> = object
        .iter()
        .map(|(key, value)| (key.as_str(), kind(value)))
        .collect();
    let mut wanted = fields.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found:?} in place of {wanted:?}").into())
    }
}

#[tokio::test]
async fn a_tenant_s_life_has_the_fields_that_older_clients_read() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    let body = json!({ "subdomain": "demo_x", "admin_password": "Quetzal-volando-47", "domain": "example.com",
        "server": "primary", "template_db": "template_tenant", "language": "es_DO" });
    let made = app.post(TENANT, &body).await?.expect(200)?;
    shape(
        &made,
        &[
            ("success", "bool"),
            ("subdomain", "string"),
            ("url", "string"),
            ("message", "string"),
            ("database", "string"),
            ("dns_created", "bool"),
            ("server", "string"),
            ("operation", "string"),
        ],
    )?;
    for (field, value) in [
        ("success", json!(true)),
        ("subdomain", json!("demo_x")),
        ("url", json!("https://demo-x.example.com")),
        ("database", json!("demo_x")),
        ("dns_created", json!(false)),
        ("server", json!("alpha")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let password = json!({ "subdomain": "demo_x", "new_password": "Quetzal-volando-48", "server": "alpha" });
    let changed = app
        .put("/api/provisioning/tenant/password", &password)
        .await?
        .expect(200)?;
    shape(
        &changed,
        &[
            ("success", "bool"),
            ("subdomain", "string"),
            ("message", "string"),
            ("operation", "string"),
        ],
    )?;
    let suspend = json!({ "subdomain": "demo_x", "reason": "Suspension por falta de pago" });
    let suspended = app
        .put("/api/provisioning/tenant/suspend", &suspend)
        .await?
        .expect(200)?;
    let fields = [
        ("success", "bool"),
        ("subdomain", "string"),
        ("suspended", "bool"),
        ("status", "string"),
        ("reason", "string"),
        ("message", "string"),
        ("operation", "string"),
    ];
    shape(&suspended, &fields)?;
    assert_eq!(
        (&suspended["suspended"], &suspended["status"]),
        (&json!(true), &json!("suspended"))
    );
    assert_eq!(
        app.get("/api/tenants/demo-x").await?.expect(200)?["suspension_reasons"],
        json!(["unpaid"])
    );
    let resume = json!({ "subdomain": "demo_x", "suspend": false });
    let resumed = app
        .put("/api/provisioning/tenant/suspend", &resume)
        .await?
        .expect(200)?;
    assert_eq!(
        (&resumed["suspended"], &resumed["status"]),
        (&json!(false), &json!("active"))
    );
    let listed = app.get("/api/provisioning/tenants").await?.expect(200)?;
    shape(
        &listed,
        &[("tenants", "array"), ("total", "number"), ("server", "string")],
    )?;
    shape(
        &listed["tenants"][0],
        &[
            ("database", "string"),
            ("url", "string"),
            ("subdomain", "string"),
            ("server", "string"),
        ],
    )?;
    let deleted = delete(
        &app,
        &json!({ "subdomain": "demo_x", "delete_dns": true, "domain": "example.com" }),
    )
    .await?
    .expect(200)?;
    let fields = [
        ("success", "bool"),
        ("message", "string"),
        ("database_deleted", "bool"),
        ("dns_deleted", "bool"),
        ("operation", "string"),
    ];
    shape(&deleted, &fields)?;
    assert_eq!(
        (&deleted["success"], &deleted["database_deleted"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        app.get("/api/provisioning/tenants").await?.expect(200)?["total"],
        0
    );
    drop(worker);
    app.finish().await
}

#[tokio::test]
async fn servers_and_domains_are_the_nodes() -> Outcome {
    let app = App::start().await?;
    let node = app.enrol("alpha").await?;
    let servers = app.get("/api/provisioning/servers").await?.expect(200)?;
    shape(&servers, &[("servers", "array")])?;
    assert_eq!(
        servers["servers"],
        json!([{ "id": node.id, "name": node.name, "ip": "127.0.0.1", "domain": "example.com" }])
    );
    let domains = app.get("/api/provisioning/domains").await?.expect(200)?;
    assert_eq!(
        domains,
        json!({ "domains": ["example.com"], "default": "example.com" })
    );
    app.finish().await
}
