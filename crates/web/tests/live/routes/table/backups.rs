//! Backups and where they are kept.

use super::{Access, Row};
use domain::Action;
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let one = "/api/backups/{id}";
    let store = "/api/backup-stores/{name}";
    vec![
        (
            "POST",
            "/api/tenants/{subdomain}/backups",
            Some(json!({})),
            Access::May(Action::TakeBackup),
        ),
        ("GET", "/api/backups", None, Access::May(Action::ReadBackups)),
        (
            "GET",
            "/api/backup-health",
            None,
            Access::May(Action::ReadBackupStores),
        ),
        ("GET", one, None, Access::May(Action::ReadBackups)),
        (
            "PUT",
            one,
            Some(json!({ "held": true })),
            Access::May(Action::HoldBackup),
        ),
        ("DELETE", one, None, Access::May(Action::ForgetBackup)),
        (
            "POST",
            "/api/backups/{id}/verify",
            Some(json!({})),
            Access::May(Action::TakeBackup),
        ),
        (
            "POST",
            "/api/backups/{id}/restore",
            Some(json!({ "confirm": "acme" })),
            Access::May(Action::RestoreBackup),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/restore",
            Some(json!({ "at": "2026-11-29T10:00:00Z", "confirm": "acme" })),
            Access::May(Action::RestoreBackup),
        ),
        (
            "GET",
            "/api/tenants/{subdomain}/point-in-time",
            None,
            Access::May(Action::ReadBackups),
        ),
        (
            "GET",
            "/api/tenants/{subdomain}/backup-schedule",
            None,
            Access::May(Action::ReadBackups),
        ),
        (
            "PUT",
            "/api/tenants/{subdomain}/backup-schedule",
            Some(json!({ "every_hours": 6 })),
            Access::May(Action::ScheduleBackups),
        ),
        (
            "PUT",
            "/api/plans/{name}/backup-schedule",
            Some(json!({ "every_hours": 12 })),
            Access::May(Action::PlanBackups),
        ),
        (
            "GET",
            "/api/backup-stores",
            None,
            Access::May(Action::ReadBackupStores),
        ),
        (
            "PUT",
            store,
            Some(json!({ "kind": "folder", "scheduled": false })),
            Access::May(Action::ChangeBackupStores),
        ),
        ("DELETE", store, None, Access::May(Action::ChangeBackupStores)),
    ]
}
