//! Every route with a request that has nothing wrong with it, and who may send it.

use reqwest::Method;
use serde_json::{Value, json};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, for this reason.
    Open(&'static str),
    /// Whoever brings a one-time token in the body; without a valid one the answer is 410.
    Token(&'static str),
    /// Any API key.
    Read,
    /// An API key that may change things.
    Change,
    /// A node with its own credential.
    Node,
}

/// A route.
#[derive(Debug)]
pub struct Route {
    pub method: Method,
    /// As the router writes it.
    pub pattern: &'static str,
    /// With everything filled in.
    pub path: String,
    pub body: Option<Value>,
    pub access: Access,
}

const PAGE: &str = "a page that says nothing of its own; the token stands behind the # of its address";
const LIFE: &str = "a sign of life for load balancers";
const ASSET: &str = "style and script of the pages";
const LINK: &str = "a one-time link is the credential";
const OPERATION: &str = "ope_00000000000000000000000000000001";
const COMMAND: &str = "cmd_00000000000000000000000000000001";
const KEY: &str = "key_00000000000000000000000000000001";

const BLOCK: &str = "blk_00000000000000000000000000000001";

/// The whole table.
pub fn table() -> Vec<Route> {
    let tenant = crate::app::new_tenant("fresh");
    let node = crate::app::node::Node::enrolment("beta", "tne_0");
    let confirm = json!({ "confirm": "acme" });
    let password = json!({ "new_password": "Quetzal-volando-47" });
    let named = json!({ "subdomain": "acme" });
    let named_password = json!({ "subdomain": "acme", "new_password": "Quetzal-volando-47" });
    let named_email = json!({ "subdomain": "acme", "new_email": "eva@example.com" });
    let bulk = json!({ "action": "suspend", "all": true, "dry_run": true });
    let adopt = json!({ "database": "old_shop", "company_name": "Old", "admin_email": "eva@example.com",
        "plan": "basic" });
    let link = json!({ "token": "0", "new_password": "Quetzal-volando-47" });
    let outcome = json!({ "steps": [], "result": { "is": "done" } });
    let rows: Vec<(&str, &'static str, Option<Value>, Access)> = vec![
        ("GET", "/health", None, Access::Open(LIFE)),
        ("GET", "/ready", None, Access::Open(LIFE)),
        ("GET", "/", None, Access::Open(PAGE)),
        ("GET", "/assets/page.css", None, Access::Open(ASSET)),
        ("GET", "/assets/link.js", None, Access::Open(ASSET)),
        ("GET", "/welcome", None, Access::Open(PAGE)),
        ("GET", "/set-password", None, Access::Open(PAGE)),
        (
            "POST",
            "/welcome",
            Some(json!({ "token": "0" })),
            Access::Token(LINK),
        ),
        ("POST", "/set-password", Some(link), Access::Token(LINK)),
        (
            "POST",
            "/node/v1/enrol",
            Some(node),
            Access::Token("the enrolment token is the credential"),
        ),
        ("GET", "/node/v1/commands", None, Access::Node),
        (
            "POST",
            "/node/v1/commands/{id}/progress",
            Some(json!({ "steps": [] })),
            Access::Node,
        ),
        (
            "POST",
            "/node/v1/commands/{id}/outcome",
            Some(outcome),
            Access::Node,
        ),
        ("GET", "/api/settings", None, Access::Read),
        (
            "POST",
            "/api/settings/bulk",
            Some(json!({ "configs": [{ "key": "limits.per_key", "value": 5000 }] })),
            Access::Change,
        ),
        ("GET", "/api/settings/{key}", None, Access::Read),
        (
            "PUT",
            "/api/settings/{key}",
            Some(json!({ "value": 5000 })),
            Access::Change,
        ),
        ("DELETE", "/api/settings/{key}", None, Access::Change),
        ("GET", "/api/settings/{key}/history", None, Access::Read),
        ("GET", "/api/security/blocks", None, Access::Read),
        ("GET", "/api/security/blocks/{id}", None, Access::Read),
        ("DELETE", "/api/security/blocks/{id}", None, Access::Change),
        ("GET", "/api/docs", None, Access::Read),
        ("GET", "/api/openapi.json", None, Access::Read),
        ("GET", "/api/tenants", None, Access::Read),
        ("POST", "/api/tenants", Some(tenant), Access::Change),
        ("GET", "/api/tenants/{subdomain}", None, Access::Read),
        (
            "PATCH",
            "/api/tenants/{subdomain}",
            Some(json!({ "plan": "pro" })),
            Access::Change,
        ),
        ("DELETE", "/api/tenants/{subdomain}", None, Access::Change),
        (
            "POST",
            "/api/tenants/{subdomain}/password",
            Some(password),
            Access::Change,
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/suspend",
            Some(json!({})),
            Access::Change,
        ),
        ("POST", "/api/tenants/{subdomain}/pause", None, Access::Change),
        ("POST", "/api/tenants/{subdomain}/resume", None, Access::Change),
        ("POST", "/api/bulk", Some(bulk), Access::Change),
        ("GET", "/api/bulk/{id}", None, Access::Read),
        ("POST", "/api/tenants/{subdomain}/undelete", None, Access::Change),
        (
            "POST",
            "/api/tenants/{subdomain}/purge",
            Some(confirm),
            Access::Change,
        ),
        (
            "POST",
            "/api/provisioning/tenant",
            Some(json!({ "subdomain": "fresh" })),
            Access::Change,
        ),
        (
            "DELETE",
            "/api/provisioning/tenant",
            Some(named.clone()),
            Access::Change,
        ),
        (
            "PUT",
            "/api/provisioning/tenant/password",
            Some(named_password),
            Access::Change,
        ),
        (
            "PUT",
            "/api/provisioning/tenant/email",
            Some(named_email),
            Access::Change,
        ),
        (
            "POST",
            "/api/provisioning/dns",
            Some(named.clone()),
            Access::Change,
        ),
        (
            "POST",
            "/api/provisioning/tenants/maintenance",
            Some(json!({ "tenant": "acme" })),
            Access::Change,
        ),
        (
            "POST",
            "/api/provisioning/repair-deployments",
            None,
            Access::Change,
        ),
        ("GET", "/api/provisioning/deployment-status", None, Access::Read),
        (
            "PUT",
            "/api/provisioning/tenant/suspend",
            Some(named),
            Access::Change,
        ),
        ("GET", "/api/provisioning/tenants", None, Access::Read),
        ("GET", "/api/provisioning/servers", None, Access::Read),
        ("GET", "/api/provisioning/domains", None, Access::Read),
        ("GET", "/api/operations", None, Access::Read),
        ("GET", "/api/operations/{id}", None, Access::Read),
        ("GET", "/api/operations/{id}/events", None, Access::Read),
        ("GET", "/api/metrics", None, Access::Read),
        ("GET", "/api/nodes", None, Access::Read),
        (
            "POST",
            "/api/nodes/tokens",
            Some(json!({ "name": "beta" })),
            Access::Change,
        ),
        ("POST", "/node/v1/observed", Some(json!({})), Access::Node),
        ("GET", "/api/nodes/{name}", None, Access::Read),
        ("POST", "/api/nodes/{name}/adopt", Some(adopt), Access::Change),
        ("POST", "/api/templates/{name}/rebuild", None, Access::Change),
        ("POST", "/api/templates/{name}/warm", None, Access::Change),
        (
            "POST",
            "/api/templates/{name}/adopt",
            Some(json!({ "database": "acme" })),
            Access::Change,
        ),
        (
            "POST",
            "/api/templates/{name}/retire",
            Some(json!({ "confirm": "template_tenant" })),
            Access::Change,
        ),
        (
            "PUT",
            "/api/templates/{name}/pool",
            Some(json!({ "size": 3 })),
            Access::Change,
        ),
        ("GET", "/api/templates", None, Access::Read),
        ("POST", "/api/templates", Some(json!({})), Access::Change),
        ("GET", "/api/keys", None, Access::Read),
        (
            "POST",
            "/api/keys",
            Some(json!({ "name": "robot" })),
            Access::Change,
        ),
        ("DELETE", "/api/keys/{id}", None, Access::Change),
    ];
    rows.into_iter()
        .map(|(method, pattern, body, access)| route(method, pattern, body, access))
        .collect()
}

fn route(method: &str, pattern: &'static str, body: Option<Value>, access: Access) -> Route {
    let id = match pattern {
        _ if pattern.starts_with("/node/") => COMMAND,
        _ if pattern.starts_with("/api/keys") => KEY,
        _ if pattern.starts_with("/api/security") => BLOCK,
        _ => OPERATION,
    };
    let mut path = pattern.replace("{subdomain}", "acme").replace("{id}", id);
    path = path.replace("{key}", "limits.per_key");
    let named = match pattern.starts_with("/api/nodes") {
        true => "alpha",
        false => "template_tenant",
    };
    path = path.replace("{name}", named);
    match (method, pattern) {
        ("DELETE", "/api/tenants/{subdomain}") => path.push_str("?confirm=acme"),
        ("GET", "/node/v1/commands") => path.push_str("?holding=&slots=1&wait=0&version=1"),
        _ => {}
    }
    Route {
        method: Method::from_bytes(method.as_bytes()).unwrap_or_default(),
        pattern,
        path,
        body,
        access,
    }
}
