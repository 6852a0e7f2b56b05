//! Downloads of what backups hold.

use super::{Access, LINK, PAGE, Row, UPLOAD};
use domain::Action;
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let one = "/api/downloads/{id}";
    vec![
        (
            "POST",
            "/api/backups/{id}/downloads",
            Some(json!({ "form": "odoo" })),
            Access::May(Action::DownloadBackup),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/downloads",
            Some(json!({ "form": "odoo" })),
            Access::May(Action::DownloadBackup),
        ),
        ("GET", "/api/downloads", None, Access::May(Action::ReadBackups)),
        ("GET", one, None, Access::May(Action::ReadBackups)),
        ("DELETE", one, None, Access::May(Action::DownloadBackup)),
        (
            "POST",
            "/api/uploads",
            Some(json!({ "bytes": 5, "file_name": "acme.zip" })),
            Access::May(Action::ImportTenant),
        ),
        ("GET", "/api/uploads", None, Access::May(Action::ImportTenant)),
        (
            "GET",
            "/api/uploads/{id}",
            None,
            Access::May(Action::ImportTenant),
        ),
        (
            "PATCH",
            "/api/uploads/{id}",
            Some(json!({})),
            Access::May(Action::ImportTenant),
        ),
        (
            "DELETE",
            "/api/uploads/{id}",
            None,
            Access::May(Action::ImportTenant),
        ),
        (
            "POST",
            "/api/imports",
            Some(json!({ "upload": UPLOAD, "subdomain": "acme" })),
            Access::May(Action::ImportTenant),
        ),
        ("GET", "/download", None, Access::Open(PAGE)),
        (
            "POST",
            "/download/state",
            Some(json!({ "token": "nobody's" })),
            Access::Token(LINK),
        ),
        (
            "POST",
            "/download/content",
            Some(json!({ "token": "nobody's" })),
            Access::Token(LINK),
        ),
    ]
}
