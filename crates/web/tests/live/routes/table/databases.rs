//! Tenants' databases: looking into them and after them, and what nodes are asked.

use super::{Access, Row};
use domain::Action;
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let look = Access::May(Action::ReadDatabase);
    vec![
        ("GET", "/api/databases/size", None, Access::May(Action::ReadNodes)),
        (
            "GET",
            "/api/tenants/{subdomain}/database",
            None,
            Access::May(Action::ReadSizes),
        ),
        ("GET", "/api/tenants/{subdomain}/database/tables", None, look),
        ("GET", "/api/tenants/{subdomain}/database/connections", None, look),
        ("GET", "/api/tenants/{subdomain}/database/hints", None, look),
        ("GET", "/api/tenants/{subdomain}/database/statements", None, look),
        (
            "POST",
            "/api/tenants/{subdomain}/database/terminate",
            Some(json!({ "pid": 4711, "started_at": "2026-11-29T10:00:00Z" })),
            Access::May(Action::EndConnection),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/database/maintenance",
            Some(json!({ "work": "analyze" })),
            Access::May(Action::MaintainDatabase),
        ),
        (
            "GET",
            "/admin/workspace/{id}/database",
            None,
            Access::May(Action::ReadPanel),
        ),
        ("GET", "/node/v1/questions", None, Access::Node),
        (
            "POST",
            "/node/v1/questions/{id}/answer",
            Some(json!({ "is": "stopped", "found": false })),
            Access::Node,
        ),
    ]
}
