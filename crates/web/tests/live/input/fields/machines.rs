//! Fields of nodes, templates, work and settings, and of the older interface.

use super::{Request, row};
use crate::input::kinds::Need::{Optional, Required};
use crate::input::kinds::{
    DOMAIN, EMAIL, Kind, LANGUAGE, NAME, NODE, NODE_OR_GONE, PLAN_OF_DRIFT, SETTING, SLUG, TEMPLATE,
};
use serde_json::json;

/// The rows.
pub(super) fn rows() -> Vec<Request> {
    let password = json!("Quetzal-volando-47");
    vec![
        row(
            "POST",
            "/api/provisioning/tenant",
            json!({ "subdomain": "fresh" }),
            vec![
                ("subdomain", NAME, Required),
                ("admin_password", Kind::Password, Optional),
                ("domain", DOMAIN, Optional),
                ("server", NODE, Optional),
                ("template_db", TEMPLATE, Optional),
                ("language", LANGUAGE, Optional),
                ("company_name", Kind::Company, Optional),
                ("admin_email", EMAIL, Optional),
                ("plan", SLUG, Optional),
            ],
        ),
        row(
            "DELETE",
            "/api/provisioning/tenant",
            json!({ "subdomain": "acme" }),
            vec![
                ("subdomain", NAME, Required),
                ("delete_dns", Kind::Flag, Optional),
                ("domain", DOMAIN, Optional),
                ("server", NODE, Optional),
            ],
        ),
        row(
            "PUT",
            "/api/provisioning/tenant/password",
            json!({ "subdomain": "acme", "new_password": password }),
            vec![
                ("subdomain", NAME, Required),
                ("new_password", Kind::Password, Required),
                ("server", NODE, Optional),
            ],
        ),
        row(
            "PUT",
            "/api/provisioning/tenant/suspend",
            json!({ "subdomain": "acme" }),
            vec![
                ("subdomain", NAME, Required),
                ("suspend", Kind::Flag, Optional),
                ("reason", Kind::Free(200), Optional),
                ("server", NODE, Optional),
            ],
        ),
        row(
            "PUT",
            "/api/provisioning/tenant/email",
            json!({ "subdomain": "acme", "new_email": "eva@example.com" }),
            vec![
                ("subdomain", NAME, Required),
                ("new_email", EMAIL, Required),
                ("server", NODE, Optional),
            ],
        ),
        row(
            "POST",
            "/api/provisioning/dns",
            json!({ "subdomain": "acme" }),
            vec![
                ("subdomain", NAME, Required),
                ("domain", DOMAIN, Optional),
                ("tunnel_id", Kind::Word(&["", "tunnel-1"]), Optional),
            ],
        ),
        row(
            "POST",
            "/api/provisioning/tenants/maintenance",
            json!({ "tenant": "acme" }),
            vec![
                ("tenant", NAME, Optional),
                ("repair", Kind::Flag, Optional),
                ("min_files", Kind::Count, Optional),
            ],
        ),
        row(
            "PATCH",
            "/api/nodes/alpha",
            json!({ "mode": "draining", "reason": "new disks", "max_tenants": 5, "labels": ["ssd"] }),
            vec![
                ("mode", Kind::Word(&["", "Active", "off"]), Optional),
                ("reason", Kind::Free(200), Required),
                ("max_tenants", Kind::Count, Optional),
                ("labels", Kind::Labels, Optional),
            ],
        ),
        row(
            "POST",
            "/api/nodes/alpha/drain",
            json!({ "plan": "plan_000000000000000000000001", "parallel": 2 }),
            vec![
                ("plan", PLAN_OF_DRIFT, Required),
                ("node_labels", Kind::Labels, Optional),
                ("reason", Kind::Free(200), Optional),
                ("pinned", Kind::Flag, Optional),
                ("any_domain", Kind::Flag, Optional),
                ("parallel", Kind::Few, Optional),
            ],
        ),
        row(
            "POST",
            "/api/nodes/alpha/drain/cancel",
            json!({ "reason": "not wanted" }),
            vec![("reason", Kind::Free(200), Required)],
        ),
        row(
            "POST",
            "/api/nodes/alpha/confirm-moves",
            json!({ "confirm": "alpha" }),
            vec![("confirm", Kind::Compared, Required)],
        ),
        row(
            "POST",
            "/api/operations/ope_00000000000000000000000000000001/cancel",
            json!({ "reason": "not wanted" }),
            vec![("reason", Kind::Free(200), Required)],
        ),
        row(
            "POST",
            "/api/operations/ope_00000000000000000000000000000001/retry",
            json!({ "reason": "not wanted" }),
            vec![("reason", Kind::Free(200), Required)],
        ),
        row(
            "POST",
            "/api/operations/ope_00000000000000000000000000000001/abandon",
            json!({ "reason": "not wanted" }),
            vec![("reason", Kind::Free(200), Required)],
        ),
        row(
            "POST",
            "/api/jobs/job_00000000000000000000000000000001/retry",
            json!({ "reason": "not wanted" }),
            vec![("reason", Kind::Free(200), Required)],
        ),
        row(
            "POST",
            "/api/jobs/job_00000000000000000000000000000001/cancel",
            json!({ "reason": "not wanted" }),
            vec![("reason", Kind::Free(200), Required)],
        ),
        row(
            "POST",
            "/api/jobs/job_00000000000000000000000000000001/abandon",
            json!({ "reason": "not wanted" }),
            vec![("reason", Kind::Free(200), Required)],
        ),
        row(
            "POST",
            "/api/drift/apply",
            json!({ "plan": "plan_00000000000000000000000000000001" }),
            vec![("plan", PLAN_OF_DRIFT, Required)],
        ),
        row(
            "POST",
            "/api/nodes/tokens",
            json!({ "name": "beta" }),
            vec![("name", Kind::Word(&["", "Beta", "-b", "a_b"]), Required)],
        ),
        row(
            "POST",
            "/api/templates",
            json!({ "node": "alpha" }),
            vec![
                (
                    "name",
                    Kind::Word(&["", "postgres", "template0", "tenantry_x", "a-b"]),
                    Optional,
                ),
                ("node", NODE, Optional),
                ("modules", Kind::Words, Optional),
                ("languages", Kind::Words, Optional),
            ],
        ),
        row(
            "POST",
            "/api/nodes/alpha/adopt",
            json!({ "database": "old_shop", "company_name": "Old", "admin_email": "eva@example.com", "plan": "basic" }),
            vec![
                ("database", NAME, Required),
                ("company_name", Kind::Company, Required),
                ("admin_email", EMAIL, Required),
                ("plan", SLUG, Required),
            ],
        ),
        row(
            "POST",
            "/api/templates/template_tenant/rebuild",
            json!({}),
            vec![("node", NODE_OR_GONE, Optional)],
        ),
        row(
            "POST",
            "/api/templates/template_tenant/warm",
            json!({}),
            vec![("node", NODE_OR_GONE, Optional)],
        ),
        row(
            "POST",
            "/api/templates/template_tenant/adopt",
            json!({ "node": "alpha", "database": "old_shop" }),
            vec![
                ("node", NODE, Optional),
                (
                    "database",
                    Kind::Word(&["", "ab", "A", "a-b", "postgres", "template1"]),
                    Required,
                ),
            ],
        ),
        row(
            "POST",
            "/api/templates/template_tenant/retire",
            json!({ "confirm": "template_tenant" }),
            vec![
                ("node", NODE_OR_GONE, Optional),
                ("confirm", Kind::Compared, Required),
            ],
        ),
        row(
            "PUT",
            "/api/templates/template_tenant/pool",
            json!({ "size": 3 }),
            vec![("node", NODE_OR_GONE, Optional), ("size", Kind::Few, Optional)],
        ),
        row(
            "POST",
            "/api/settings/bulk",
            json!({ "configs": [{ "key": "limits.per_key", "value": 5000 }] }),
            vec![("configs", Kind::Configs, Required)],
        ),
        row(
            "PUT",
            "/api/settings/limits.per_key",
            json!({ "value": 5000 }),
            vec![("key", SETTING, Optional), ("value", Kind::Limit, Required)],
        ),
    ]
}
