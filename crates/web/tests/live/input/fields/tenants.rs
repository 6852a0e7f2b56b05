//! Fields of tenants.

use super::{Request, row};
use crate::input::kinds::Need::{Optional, Required};
use crate::input::kinds::{
    COUNTRY, DOMAIN, EMAIL, EXPIRY, FORM, Kind, LANGUAGE, NAME, NODE, ORGANIZATION, REASON, SLUG, SWITCH,
    TEMPLATE, ZONE,
};
use serde_json::json;

/// The rows.
pub(super) fn rows() -> Vec<Request> {
    let password = json!("Quetzal-volando-47");
    vec![
        row(
            "POST",
            "/api/tenants",
            crate::app::new_tenant("fresh"),
            vec![
                ("company_name", Kind::Company, Required),
                ("admin_email", EMAIL, Required),
                ("subdomain", NAME, Required),
                ("plan", SLUG, Required),
                ("product", SLUG, Optional),
                ("node", NODE, Optional),
                ("domain", DOMAIN, Optional),
                ("node_labels", Kind::Labels, Optional),
                ("template", TEMPLATE, Optional),
                ("admin_password", Kind::Password, Optional),
                ("language", LANGUAGE, Optional),
                ("country", COUNTRY, Optional),
                ("timezone", ZONE, Optional),
                ("expires_at", EXPIRY, Optional),
            ],
        ),
        row(
            "PATCH",
            "/api/tenants/acme",
            json!({ "company_name": "Acme", "plan": "pro", "subdomain": "acme2" }),
            vec![
                ("company_name", Kind::Company, Optional),
                ("plan", SLUG, Optional),
                ("subdomain", NAME, Optional),
                ("expires_at", EXPIRY, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/password",
            json!({ "new_password": password }),
            vec![
                ("new_password", Kind::Password, Required),
                ("end_sessions", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/suspend",
            json!({ "reason": "unpaid" }),
            vec![
                ("reason", REASON, Optional),
                ("note", Kind::Free(200), Optional),
                ("form", FORM, Optional),
            ],
        ),
        row(
            "POST",
            "/api/bulk",
            json!({ "action": "suspend", "all": true, "dry_run": true }),
            vec![
                ("action", Kind::Word(&["", "delete", "Suspend"]), Required),
                ("all", Kind::Flag, Optional),
                ("subdomains", Kind::Names, Optional),
                ("state", Kind::Word(&["", "Active", "gone"]), Optional),
                ("suspended_for", REASON, Optional),
                ("plan", SLUG, Optional),
                ("node", NODE, Optional),
                ("search", Kind::Sought(100), Optional),
                ("reason", REASON, Optional),
                ("note", Kind::Free(200), Optional),
                ("form", FORM, Optional),
                ("repair", Kind::Flag, Optional),
                ("dry_run", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/resume",
            json!({}),
            vec![("reason", REASON, Optional)],
        ),
        row(
            "POST",
            "/api/tenants/acme/move",
            json!({ "node": "beta" }),
            vec![("node", NODE, Optional), ("node_labels", Kind::Labels, Optional)],
        ),
        row(
            "POST",
            "/api/tenants/acme/purge",
            json!({ "confirm": "acme" }),
            vec![("confirm", Kind::Compared, Required)],
        ),
        row(
            "PUT",
            "/api/tenants/acme/switch",
            json!({ "switch": "stopped", "reason": "its disk is looked at" }),
            vec![
                ("switch", SWITCH, Required),
                ("reason", Kind::Free(200), Required),
            ],
        ),
        row(
            "PUT",
            "/api/tenants/acme/organization",
            json!({}),
            vec![("organization", ORGANIZATION, Optional)],
        ),
    ]
}
