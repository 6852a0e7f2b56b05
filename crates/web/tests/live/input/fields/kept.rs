//! Fields of what is kept of tenants: backups, downloads, uploads, moments, and of looking into their databases.

use super::{Request, UPLOAD, row};
use crate::input::kinds::Need::{Optional, Required};
use crate::input::kinds::{EMAIL, Kind, MOMENT, NAME, NODE, Need, SLUG};
use serde_json::json;

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

/// When backups are taken.
fn schedule() -> Vec<(&'static str, Kind, Need)> {
    vec![
        ("every_hours", Kind::Few, Optional),
        ("opens_hour", Kind::Few, Optional),
    ]
}

/// The rows.
pub(super) fn rows() -> Vec<Request> {
    vec![
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
            "/api/tenants/acme/backup-schedule",
            json!({ "every_hours": 6 }),
            schedule(),
        ),
        row(
            "PUT",
            "/api/plans/basic/backup-schedule",
            json!({ "every_hours": 6 }),
            schedule(),
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
                ("lock_days", Kind::Few, Optional),
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
    ]
}
