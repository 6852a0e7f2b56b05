//! Every field of every request.

use super::kinds::Need::{Optional, Required};
use super::kinds::{
    COUNTRY, DOMAIN, DRIVER, EMAIL, EXPIRY, FORM, ISSUER, Kind, LANGUAGE, MOMENT, NAME, NODE, NODE_OR_GONE,
    Need, ORGANIZATION, PLAN_OF_DRIFT, POLICY, REASON, ROLE, SETTING, SLUG, SOLD, STATE, SWITCH, TEMPLATE,
    ZONE,
};
use serde_json::{Value, json};

/// A request that has nothing wrong with it, and its fields.
#[derive(Debug)]
pub struct Request {
    pub method: &'static str,
    pub path: &'static str,
    pub body: Value,
    pub fields: Vec<(&'static str, Kind, Need)>,
}

/// The upload that is there.
pub const UPLOAD: &str = "upl_00000000000000000000000000000001";

/// What a download is asked for with.
fn download() -> Vec<(&'static str, Kind, Need)> {
    vec![
        ("form", Kind::Word(&["", "Odoo", "zip"]), Optional),
        ("hours", Kind::Number, Optional),
        ("repeatable", Kind::Flag, Optional),
        ("attachment", Kind::Shape, Optional),
        (
            "table",
            Kind::Word(&["", "Res", "a b", "a.b", "res*", "-T"]),
            Required,
        ),
        ("table_format", Kind::Word(&["", "CSV", "xml"]), Optional),
    ]
}

/// The whole table. The node is `alpha`, its domain `example.com`, and there is a tenant `acme`.
pub fn table() -> Vec<Request> {
    let row = |method, path, body, fields| Request {
        method,
        path,
        body,
        fields,
    };
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
            "POST",
            "/api/plans",
            json!({ "name": "team", "display_name": "Team" }),
            vec![
                ("name", SOLD, Required),
                ("display_name", Kind::Company, Required),
                ("max_users", Kind::Count, Optional),
                ("max_storage_bytes", Kind::Storage, Optional),
                ("position", Kind::Count, Optional),
                ("is_offered", Kind::Flag, Optional),
            ],
        ),
        row(
            "PATCH",
            "/api/plans/basic",
            json!({ "display_name": "Basic" }),
            vec![
                ("display_name", Kind::Company, Optional),
                ("max_users", Kind::Count, Optional),
                ("max_storage_bytes", Kind::Storage, Optional),
                ("position", Kind::Count, Optional),
                ("is_offered", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/products",
            json!({ "name": "shop", "display_name": "Shop" }),
            vec![
                ("name", SOLD, Required),
                ("display_name", Kind::Company, Required),
                ("driver", DRIVER, Optional),
                ("position", Kind::Count, Optional),
                ("is_offered", Kind::Flag, Optional),
            ],
        ),
        row(
            "PATCH",
            "/api/products/odoo",
            json!({ "display_name": "Odoo" }),
            vec![
                ("display_name", Kind::Company, Optional),
                ("position", Kind::Count, Optional),
                ("is_offered", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/register",
            json!({ "company_name": "Beta", "name": "Eva", "email": "eva@example.com", "new_password": password,
                "subdomain": "beta" }),
            vec![
                ("company_name", Kind::Company, Required),
                ("name", Kind::Company, Required),
                ("email", EMAIL, Required),
                ("new_password", Kind::Password, Required),
                ("subdomain", NAME, Required),
                ("language", LANGUAGE, Optional),
                ("transport", Kind::Word(&["", "Cookie", "header"]), Optional),
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
            "/api/tenants/acme/backups",
            json!({ "store": "local" }),
            vec![("store", NODE, Optional)],
        ),
        row(
            "PUT",
            "/api/backups/bak_00000000000000000000000000000001",
            json!({ "held": true }),
            vec![("held", Kind::Flag, Required)],
        ),
        row(
            "POST",
            "/api/backups/bak_00000000000000000000000000000001/verify",
            json!({ "restore": true }),
            vec![("restore", Kind::Flag, Optional)],
        ),
        row(
            "POST",
            "/api/backups/bak_00000000000000000000000000000001/restore",
            json!({ "confirm": "acme" }),
            vec![
                ("confirm", Kind::Compared, Required),
                ("subdomain", NAME, Optional),
                ("company_name", Kind::Company, Optional),
                ("node", NODE, Optional),
                ("keep_mail", Kind::Flag, Optional),
                ("without_safety", Kind::Flag, Optional),
            ],
        ),
        row(
            "PUT",
            "/api/backup-stores/offsite",
            json!({ "kind": "s3", "endpoint": "https://s3.example.com", "bucket": "backups", "access_key": "ak",
                "secret_key": "sk" }),
            vec![
                ("kind", Kind::Word(&["", "S3", "ftp"]), Required),
                (
                    "endpoint",
                    Kind::Word(&[
                        "",
                        "s3.example.com",
                        "ftp://s3.example.com",
                        "https://",
                        "https://ana@s3.example.com",
                    ]),
                    Required,
                ),
                ("bucket", Kind::Printable(255), Required),
                ("region", Kind::Printable(255), Optional),
                ("prefix", Kind::Printable(255), Optional),
                ("storage_class", Kind::Printable(255), Optional),
                ("access_key", Kind::Printable(255), Required),
                ("secret_key", Kind::Printable(255), Required),
                ("path_style", Kind::Flag, Optional),
                ("scheduled", Kind::Flag, Optional),
                ("retention", Kind::Shape, Optional),
            ],
        ),
        row(
            "POST",
            "/api/backups/bak_00000000000000000000000000000001/downloads",
            json!({ "form": "table", "table": "res_partner" }),
            download(),
        ),
        row(
            "POST",
            "/api/tenants/acme/downloads",
            json!({ "form": "table", "table": "res_partner" }),
            download(),
        ),
        row(
            "POST",
            "/api/uploads",
            json!({ "bytes": 5, "file_name": "acme.zip" }),
            vec![
                ("bytes", Kind::Bytes, Required),
                ("file_name", Kind::Free(200), Optional),
            ],
        ),
        row(
            "POST",
            "/api/imports",
            json!({ "upload": UPLOAD, "subdomain": "fresh" }),
            vec![
                ("upload", Kind::Word(&["", "upl_", "upl_1", "acme.zip"]), Required),
                ("subdomain", NAME, Required),
                ("company_name", Kind::Company, Optional),
                ("admin_email", EMAIL, Optional),
                ("plan", SLUG, Optional),
                ("node", NODE, Optional),
                ("keep_mail", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/restore",
            json!({ "at": "2026-11-29T10:00:00Z", "confirm": "acme" }),
            vec![
                ("at", MOMENT, Required),
                ("confirm", Kind::Compared, Required),
                ("subdomain", NAME, Optional),
                ("company_name", Kind::Company, Optional),
                ("without_safety", Kind::Flag, Optional),
                ("keep_mail", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/database/terminate",
            json!({ "pid": 4711, "started_at": "2026-11-29T10:00:00Z" }),
            vec![("pid", Kind::Process, Required), ("started_at", MOMENT, Required)],
        ),
        row(
            "POST",
            "/api/tenants/acme/database/maintenance",
            json!({ "work": "vacuum-full", "confirm": "acme" }),
            vec![
                ("work", Kind::Word(&["", "Vacuum", "drop"]), Required),
                ("table", Kind::Free(63), Optional),
                ("confirm", Kind::Compared, Required),
                ("force", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/purge",
            json!({ "confirm": "acme" }),
            vec![("confirm", Kind::Compared, Required)],
        ),
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
            "/api/tenants/acme/support",
            json!({ "reason": "ticket 812", "minutes": 60 }),
            vec![
                ("reason", Kind::Free(500), Required),
                ("minutes", Kind::Number, Required),
                ("break_glass", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/support/sup_00000000000000000000000000000001/approve",
            json!({}),
            vec![("note", Kind::Free(500), Optional)],
        ),
        row(
            "POST",
            "/api/tenants/acme/support/sup_00000000000000000000000000000001/refuse",
            json!({}),
            vec![("note", Kind::Free(500), Optional)],
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
            "PUT",
            "/api/tenants/acme/switch",
            json!({ "switch": "stopped", "reason": "its disk is looked at" }),
            vec![
                ("switch", SWITCH, Required),
                ("reason", Kind::Free(200), Required),
            ],
        ),
        row(
            "POST",
            "/api/sso/providers",
            json!({ "name": "Acme", "issuer": "https://login.example.com", "client_id": "panel" }),
            vec![
                ("name", Kind::Company, Required),
                ("issuer", ISSUER, Required),
                ("client_id", Kind::Printable(255), Required),
                ("client_secret", Kind::Printable(255), Optional),
                ("organization", ORGANIZATION, Optional),
                ("domains", Kind::Domains, Optional),
                ("newcomers", ROLE, Optional),
                ("policy", POLICY, Optional),
            ],
        ),
        row(
            "PATCH",
            "/api/sso/providers/idp_00000000000000000000000000000001",
            json!({ "name": "Acme" }),
            vec![
                ("name", Kind::Company, Optional),
                ("client_secret", Kind::Printable(255), Optional),
                ("domains", Kind::Domains, Optional),
                ("newcomers", ROLE, Optional),
                ("policy", POLICY, Optional),
                ("state", STATE, Optional),
            ],
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
        row(
            "POST",
            "/api/keys",
            json!({ "name": "robot" }),
            vec![
                ("name", Kind::Free(60), Required),
                ("role", ROLE, Optional),
                ("read_only", Kind::Flag, Required),
                ("organizations", Kind::Ids, Optional),
                ("tenants", Kind::Names, Optional),
                ("expires_in_days", Kind::Number, Optional),
            ],
        ),
        row(
            "POST",
            "/api/keys/key_00000000000000000000000000000001/rotate",
            json!({}),
            vec![
                ("overlap_hours", Kind::Few, Optional),
                ("expires_in_days", Kind::Number, Optional),
            ],
        ),
        row(
            "POST",
            "/api/auth/login",
            json!({ "email": "ana@example.com", "password": password }),
            vec![
                ("email", Kind::Typed(254), Required),
                ("password", Kind::Typed(256), Required),
                ("totp_code", Kind::Typed(64), Optional),
                ("role", ROLE, Optional),
                ("transport", STATE, Optional),
            ],
        ),
        row(
            "POST",
            "/api/people/invitations",
            json!({ "email": "eva@example.com", "role": "viewer" }),
            vec![("email", EMAIL, Required), ("role", ROLE, Required)],
        ),
        row(
            "PATCH",
            "/api/people/per_00000000000000000000000000000001",
            json!({ "role": "viewer", "state": "active" }),
            vec![("role", ROLE, Optional), ("state", STATE, Optional)],
        ),
        row(
            "POST",
            "/api/people/per_00000000000000000000000000000001/email",
            json!({ "new_email": "eva@example.com" }),
            vec![("new_email", EMAIL, Required)],
        ),
        row(
            "POST",
            "/api/organizations",
            json!({ "name": "Acme" }),
            vec![("name", Kind::Company, Required)],
        ),
        row(
            "PUT",
            "/api/tenants/acme/organization",
            json!({}),
            vec![("organization", ORGANIZATION, Optional)],
        ),
    ]
}
