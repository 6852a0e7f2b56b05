//! Tenants: what is done with them, the older interface, support, operations.

use super::{Access, Row};
use domain::Action;
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let tenant = crate::app::new_tenant("fresh");
    let confirm = json!({ "confirm": "acme" });
    let password = json!({ "new_password": "Quetzal-volando-47" });
    let named = json!({ "subdomain": "acme" });
    let named_password = json!({ "subdomain": "acme", "new_password": "Quetzal-volando-47" });
    let named_email = json!({ "subdomain": "acme", "new_email": "eva@example.com" });
    let bulk = json!({ "action": "suspend", "all": true, "dry_run": true });
    vec![
        (
            "POST",
            "/api/tenants/{subdomain}/move",
            Some(json!({})),
            Access::May(Action::MoveTenant),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/move/confirm",
            None,
            Access::May(Action::MoveTenant),
        ),
        ("GET", "/api/tenants", None, Access::May(Action::ReadTenants)),
        (
            "POST",
            "/api/tenants",
            Some(tenant),
            Access::May(Action::CreateTenant),
        ),
        (
            "GET",
            "/api/tenants/{subdomain}",
            None,
            Access::May(Action::ReadTenants),
        ),
        (
            "PATCH",
            "/api/tenants/{subdomain}",
            Some(json!({ "plan": "pro" })),
            Access::May(Action::UpdateTenant),
        ),
        (
            "DELETE",
            "/api/tenants/{subdomain}",
            None,
            Access::May(Action::DeleteTenant),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/password",
            Some(password),
            Access::May(Action::SetTenantPassword),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/suspend",
            Some(json!({})),
            Access::May(Action::SuspendTenant),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/pause",
            None,
            Access::May(Action::PauseTenant),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/resume",
            None,
            Access::May(Action::PauseTenant),
        ),
        (
            "POST",
            "/api/bulk",
            Some(bulk),
            Access::May(Action::SuspendTenant),
        ),
        ("GET", "/api/bulk/{id}", None, Access::May(Action::ReadOperations)),
        (
            "POST",
            "/api/tenants/{subdomain}/undelete",
            None,
            Access::May(Action::UndeleteTenant),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/purge",
            Some(confirm),
            Access::May(Action::PurgeTenant),
        ),
        (
            "POST",
            "/api/provisioning/tenant",
            Some(json!({ "subdomain": "fresh" })),
            Access::May(Action::CreateTenant),
        ),
        (
            "DELETE",
            "/api/provisioning/tenant",
            Some(named.clone()),
            Access::May(Action::DeleteTenant),
        ),
        (
            "PUT",
            "/api/provisioning/tenant/password",
            Some(named_password),
            Access::May(Action::SetTenantPassword),
        ),
        (
            "PUT",
            "/api/provisioning/tenant/email",
            Some(named_email),
            Access::May(Action::SetTenantEmail),
        ),
        (
            "POST",
            "/api/provisioning/dns",
            Some(named.clone()),
            Access::May(Action::CheckTenant),
        ),
        (
            "POST",
            "/api/provisioning/tenants/maintenance",
            Some(json!({ "tenant": "acme" })),
            Access::May(Action::CheckTenant),
        ),
        (
            "POST",
            "/api/provisioning/repair-deployments",
            None,
            Access::May(Action::CheckTenant),
        ),
        (
            "GET",
            "/api/provisioning/deployment-status",
            None,
            Access::May(Action::ReadTenants),
        ),
        (
            "PUT",
            "/api/provisioning/tenant/suspend",
            Some(named),
            Access::May(Action::SuspendTenant),
        ),
        (
            "GET",
            "/api/provisioning/tenants",
            None,
            Access::May(Action::ReadTenants),
        ),
        (
            "GET",
            "/api/provisioning/servers",
            None,
            Access::May(Action::ReadNodes),
        ),
        ("GET", "/api/support", None, Access::May(Action::ReadSupport)),
        (
            "GET",
            "/api/tenants/{subdomain}/support",
            None,
            Access::May(Action::ReadSupport),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/support",
            Some(json!({ "reason": "the invoice total", "minutes": 60 })),
            Access::May(Action::RequestSupport),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/support/{id}/approve",
            Some(json!({})),
            Access::May(Action::ApproveSupport),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/support/{id}/refuse",
            Some(json!({})),
            Access::May(Action::ApproveSupport),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/support/{id}/enter",
            None,
            Access::May(Action::EnterSupport),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/support/{id}/end",
            None,
            Access::May(Action::EndSupport),
        ),
        (
            "POST",
            "/api/tenants/{subdomain}/login",
            None,
            Access::May(Action::EnterTenant),
        ),
        (
            "GET",
            "/api/provisioning/domains",
            None,
            Access::May(Action::ReadNodes),
        ),
        (
            "GET",
            "/api/operations",
            None,
            Access::May(Action::ReadOperations),
        ),
        (
            "GET",
            "/api/operations/{id}",
            None,
            Access::May(Action::ReadOperations),
        ),
        ("GET", "/api/events", None, Access::May(Action::ReadTenants)),
        (
            "GET",
            "/api/operations/{id}/events",
            None,
            Access::May(Action::ReadOperations),
        ),
        (
            "POST",
            "/api/operations/{id}/retry",
            Some(json!({ "reason": "the disk has room again" })),
            Access::May(Action::DecideOperation),
        ),
        (
            "POST",
            "/api/operations/{id}/abandon",
            Some(json!({ "reason": "done by hand" })),
            Access::May(Action::DecideOperation),
        ),
        (
            "GET",
            "/api/tenants/{subdomain}/switch",
            None,
            Access::May(Action::ReadNodes),
        ),
        (
            "PUT",
            "/api/tenants/{subdomain}/switch",
            Some(json!({ "switch": "paused", "reason": "a migration" })),
            Access::May(Action::SwitchTenant),
        ),
        (
            "POST",
            "/api/operations/{id}/cancel",
            Some(json!({ "reason": "not wanted" })),
            Access::May(Action::CancelOperation),
        ),
    ]
}
