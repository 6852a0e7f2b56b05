//! Canned answers of the API.

use serde_json::{Value, json};

/// An operation's identifier.
pub const OPERATION: &str = "ope_0198c0ffee0000000000000000000001";

/// A tenant in a state.
pub fn tenant(subdomain: &str, state: &str) -> Value {
    json!({
        "id": "ten_0198c0ffee0000000000000000000001",
        "subdomain": subdomain,
        "company_name": "Acme S.R.L.",
        "admin_email": "ana@example.com",
        "plan": "basic",
        "product": "odoo",
        "state": state,
        "suspension_reasons": if state == "suspended" { vec!["unpaid"] } else { vec![] },
        "node": "node-1",
        "template": "template_tenant",
        "database": subdomain,
        "url": format!("https://{subdomain}.example.com"),
        "language": "es_DO",
        "country": "DO",
        "timezone": null,
        "created_at": "2026-08-05T14:30:00Z",
        "updated_at": "2026-08-05T14:30:00Z",
        "deleted_at": null,
        "purge_after": null,
        "operation": null,
        "a_field_of_a_newer_server": 1
    })
}

/// A page of tenants.
pub fn page(names: &[&str], total: usize, next: Option<&str>) -> String {
    let items: Vec<Value> = names.iter().map(|name| tenant(name, "active")).collect();
    json!({ "items": items, "total": total, "next_cursor": next }).to_string()
}

/// A tenant with the operation that changes it.
pub fn change(subdomain: &str, state: &str) -> String {
    let mut change = tenant(subdomain, state);
    change["operation_id"] = json!(OPERATION);
    change.to_string()
}

/// An operation with one step.
pub fn operation(state: &str, step: &str) -> String {
    let mut operation = json!({
        "id": OPERATION,
        "kind": "tenant.create",
        "state": state,
        "subject": "acme",
        "node": "node-1",
        "created_at": "2026-08-05T14:30:00Z",
        "started_at": "2026-08-05T14:30:01Z",
        "finished_at": null,
        "steps": [{ "name": "clone", "state": step, "started_at": "2026-08-05T14:30:01Z",
                    "milliseconds": if step == "running" { Value::Null } else { json!(312) } }],
        "url": format!("/api/operations/{OPERATION}"),
    });
    if state == "failed" {
        operation["failure"] = json!({ "code": "disk-full", "detail": "The disk is full. Make room." });
    }
    operation.to_string()
}

/// A problem with a field.
pub fn problem(status: u16) -> String {
    json!({
        "type": "/problems/invalid", "title": "No válido", "status": status,
        "detail": "La solicitud no es válida.",
        "errors": [{ "field": "subdomain", "detail": "es una palabra reservada" }],
    })
    .to_string()
}

/// API keys: a revoked one and one in force under the same name.
pub fn keys() -> String {
    let key = |id: &str, revoked: Value| {
        json!({
            "id": id, "name": "billing", "prefix": "tnt_ab12", "role": "owner", "read_only": false,
            "organizations": [], "tenants": null, "expires_soon": false, "superseded_at": null,
            "created_at": "2026-08-05T14:30:00Z", "expires_at": null, "last_used_at": null, "revoked_at": revoked,
        })
    };
    json!([
        key("key_old", json!("2026-08-06T00:00:00Z")),
        key("key_new", Value::Null)
    ])
    .to_string()
}
