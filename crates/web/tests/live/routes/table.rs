//! Every route with a request that has nothing wrong with it, and who may send it.

use domain::Action;
use reqwest::Method;
use serde_json::{Value, json};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, for this reason.
    Open(&'static str),
    /// Whoever brings a one-time token in the body; without a valid one the answer is 410.
    Token(&'static str),
    /// Anybody, who then has to prove who they are in the body.
    SignIn,
    /// Whoever brings the token of a challenge in the body; without one that waits the answer is 410.
    Challenge,
    /// Anybody, where the identity provider is there; the table's is not.
    Provider,
    /// Whoever the table of permissions allows it.
    May(Action),
    /// A person who signed in, for their own account.
    Person,
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
const OWN: &str = "it concerns nobody but the caller, who may be nobody";
/// In the place of an organization and a person that a test has.
pub const ORGANIZATION: &str = "org_00000000000000000000000000000001";
pub const PERSON: &str = "per_00000000000000000000000000000001";
const SESSION: &str = "ses_00000000000000000000000000000001";
const PASSKEY: &str = "pky_00000000000000000000000000000001";
const OPERATION: &str = "ope_00000000000000000000000000000001";
const COMMAND: &str = "cmd_00000000000000000000000000000001";
pub const KEY: &str = "key_00000000000000000000000000000001";
pub const BLOCK: &str = "blk_00000000000000000000000000000001";
pub const SUPPORT: &str = "sup_00000000000000000000000000000001";
pub const PROVIDER: &str = "idp_00000000000000000000000000000001";

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
    let login = json!({ "email": "nobody@example.com", "password": "Quetzal-volando-47" });
    let person_link = json!({ "token": "0", "new_password": "Quetzal-volando-47" });
    let own_password = json!({ "current_password": "Wrong-wrong-1", "new_password": "Quetzal-volando-49" });
    let invite = json!({ "email": "eva@example.com", "role": "viewer" });
    let invite_member = json!({ "email": "eva@example.com", "role": "viewer" });
    let answer = json!({ "challenge": "0", "totp_code": "000000" });
    let signed = json!({ "challenge": "0", "credential": {} });
    let passkey = json!({ "challenge": "0", "name": "Phone", "credential": {} });
    let code = json!({ "code": "000000" });
    let proof = json!({ "password": "Wrong-wrong-1" });
    let rows: Vec<(&str, &'static str, Option<Value>, Access)> = vec![
        ("GET", "/health", None, Access::Open(LIFE)),
        ("GET", "/ready", None, Access::Open(LIFE)),
        ("GET", "/", None, Access::Open(PAGE)),
        ("GET", "/assets/page.css", None, Access::Open(ASSET)),
        ("GET", "/assets/link.js", None, Access::Open(ASSET)),
        ("GET", "/welcome", None, Access::Open(PAGE)),
        ("GET", "/set-password", None, Access::Open(PAGE)),
        ("GET", "/invitation", None, Access::Open(PAGE)),
        ("GET", "/reset-password", None, Access::Open(PAGE)),
        ("GET", "/new-email", None, Access::Open(PAGE)),
        ("GET", "/login", None, Access::Open(PAGE)),
        ("GET", "/assets/login.js", None, Access::Open(ASSET)),
        ("GET", "/assets/sso.js", None, Access::Open(ASSET)),
        ("GET", "/account/second-factor", None, Access::Open(PAGE)),
        ("GET", "/assets/second-factor.js", None, Access::Open(ASSET)),
        ("GET", "/assets/webauthn.js", None, Access::Open(ASSET)),
        ("POST", "/api/auth/totp/verify", Some(answer), Access::Challenge),
        ("POST", "/api/auth/passkey/options", None, Access::Open(OWN)),
        ("POST", "/api/auth/passkey/login", Some(signed), Access::Challenge),
        ("GET", "/api/auth/2fa/status", None, Access::Person),
        ("POST", "/api/auth/2fa/setup", None, Access::Person),
        ("POST", "/api/auth/2fa/verify", Some(code), Access::Person),
        ("POST", "/api/auth/2fa/disable", Some(json!({})), Access::Person),
        (
            "POST",
            "/api/auth/2fa/backup-codes/regenerate",
            Some(json!({})),
            Access::Person,
        ),
        ("GET", "/api/auth/passkeys", None, Access::Person),
        ("POST", "/api/auth/passkeys", Some(passkey), Access::Person),
        ("POST", "/api/auth/passkeys/options", None, Access::Person),
        ("DELETE", "/api/auth/passkeys/{passkey}", None, Access::Person),
        ("POST", "/api/auth/step-up", Some(proof), Access::Person),
        ("POST", "/api/auth/step-up/options", None, Access::Person),
        (
            "PUT",
            "/api/organizations/{organization}/second-factor",
            Some(json!({ "required": false })),
            Access::May(Action::UpdateOrganization),
        ),
        (
            "DELETE",
            "/api/people/{person}/second-factors",
            None,
            Access::May(Action::ResetFactors),
        ),
        ("GET", "/sso/{provider}/callback", None, Access::Provider),
        ("GET", "/api/auth/sso", None, Access::Open(OWN)),
        ("POST", "/api/auth/sso/{provider}/start", None, Access::Provider),
        ("POST", "/api/auth/sso/{provider}/link", None, Access::Person),
        ("POST", "/api/auth/sso/{provider}/logout", None, Access::Provider),
        ("GET", "/api/auth/identities", None, Access::Person),
        ("DELETE", "/api/auth/identities/{provider}", None, Access::Person),
        (
            "GET",
            "/api/sso/providers",
            None,
            Access::May(Action::ReadProviders),
        ),
        (
            "POST",
            "/api/sso/providers",
            Some(json!({ "name": "Fresh", "issuer": "https://login.example.com", "client_id": "panel" })),
            Access::May(Action::ChangeProviders),
        ),
        (
            "GET",
            "/api/sso/providers/{provider}",
            None,
            Access::May(Action::ReadProviders),
        ),
        (
            "PATCH",
            "/api/sso/providers/{provider}",
            Some(json!({ "policy": "optional" })),
            Access::May(Action::ChangeProviders),
        ),
        (
            "DELETE",
            "/api/sso/providers/{provider}",
            None,
            Access::May(Action::ChangeProviders),
        ),
        (
            "POST",
            "/api/sso/providers/{provider}/test",
            None,
            Access::May(Action::ChangeProviders),
        ),
        ("GET", "/api/auth/rate-limit/status", None, Access::Open(OWN)),
        ("POST", "/api/auth/login", Some(login), Access::SignIn),
        ("POST", "/api/auth/refresh", None, Access::SignIn),
        ("POST", "/api/auth/logout", None, Access::Open(OWN)),
        ("POST", "/api/logout", None, Access::Open(OWN)),
        ("POST", "/api/auth/link", Some(person_link), Access::Token(LINK)),
        ("GET", "/api/auth/me", None, Access::Person),
        ("GET", "/api/auth/sessions", None, Access::Person),
        ("DELETE", "/api/auth/sessions/{id}", None, Access::Person),
        ("GET", "/api/auth/history", None, Access::Person),
        ("PUT", "/api/auth/password", Some(own_password), Access::Person),
        ("GET", "/api/people", None, Access::May(Action::ReadPeople)),
        (
            "POST",
            "/api/people/invitations",
            Some(invite),
            Access::May(Action::InvitePerson),
        ),
        (
            "GET",
            "/api/people/{person}",
            None,
            Access::May(Action::ReadPeople),
        ),
        (
            "PATCH",
            "/api/people/{person}",
            Some(json!({ "role": "viewer" })),
            Access::May(Action::ChangePerson),
        ),
        (
            "POST",
            "/api/people/{person}/reset",
            None,
            Access::May(Action::ResetPerson),
        ),
        (
            "POST",
            "/api/people/{person}/email",
            Some(json!({ "new_email": "eva@example.com" })),
            Access::May(Action::ResetPerson),
        ),
        (
            "GET",
            "/api/organizations",
            None,
            Access::May(Action::ReadOrganizations),
        ),
        (
            "POST",
            "/api/organizations",
            Some(json!({ "name": "Fresh" })),
            Access::May(Action::CreateOrganization),
        ),
        (
            "GET",
            "/api/organizations/{organization}",
            None,
            Access::May(Action::ReadOrganizations),
        ),
        (
            "PATCH",
            "/api/organizations/{organization}",
            Some(json!({ "name": "Acme" })),
            Access::May(Action::UpdateOrganization),
        ),
        (
            "GET",
            "/api/organizations/{organization}/members",
            None,
            Access::May(Action::ReadOrganizations),
        ),
        (
            "POST",
            "/api/organizations/{organization}/invitations",
            Some(invite_member),
            Access::May(Action::InviteMember),
        ),
        (
            "PATCH",
            "/api/organizations/{organization}/members/{person}",
            Some(json!({ "role": "viewer" })),
            Access::May(Action::ChangeMember),
        ),
        (
            "DELETE",
            "/api/organizations/{organization}/members/{person}",
            None,
            Access::May(Action::ChangeMember),
        ),
        (
            "PUT",
            "/api/tenants/{subdomain}/organization",
            Some(json!({})),
            Access::May(Action::AssignTenant),
        ),
        (
            "POST",
            "/api/keys/{id}/rotate",
            None,
            Access::May(Action::CreateKey),
        ),
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
        (
            "GET",
            "/node/v1/identity",
            None,
            Access::Open("it says nothing but who the server is"),
        ),
        (
            "POST",
            "/node/v1/hello",
            Some(json!({ "version": "1", "time": "2026-11-29T10:00:00Z" })),
            Access::Node,
        ),
        (
            "POST",
            "/node/v1/credential",
            Some(json!({ "sha256": "0".repeat(64) })),
            Access::Node,
        ),
        (
            "POST",
            "/api/nodes/{name}/rotate",
            None,
            Access::May(Action::EnrolNode),
        ),
        (
            "GET",
            "/api/nodes/{name}/drain/plan",
            None,
            Access::May(Action::ReadNodes),
        ),
        (
            "GET",
            "/api/nodes/{name}/drain",
            None,
            Access::May(Action::ReadNodes),
        ),
        (
            "POST",
            "/api/nodes/{name}/drain",
            Some(json!({ "plan": "plan_000000000000000000000000" })),
            Access::May(Action::DrainNode),
        ),
        (
            "POST",
            "/api/nodes/{name}/drain/pause",
            None,
            Access::May(Action::DrainNode),
        ),
        (
            "POST",
            "/api/nodes/{name}/drain/resume",
            None,
            Access::May(Action::DrainNode),
        ),
        (
            "POST",
            "/api/nodes/{name}/drain/cancel",
            Some(json!({ "reason": "not wanted" })),
            Access::May(Action::DrainNode),
        ),
        (
            "POST",
            "/api/nodes/{name}/confirm-moves",
            Some(json!({ "confirm": "alpha" })),
            Access::May(Action::DrainNode),
        ),
        ("GET", "/node/v1/commands", None, Access::Node),
        ("GET", "/node/v1/transfers/{id}", None, Access::Node),
        ("PUT", "/node/v1/transfers/{id}", None, Access::Node),
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
        ("GET", "/api/settings", None, Access::May(Action::ReadSettings)),
        (
            "POST",
            "/api/settings/bulk",
            Some(json!({ "configs": [{ "key": "limits.per_key", "value": 5000 }] })),
            Access::May(Action::ChangeSettings),
        ),
        (
            "GET",
            "/api/settings/{key}",
            None,
            Access::May(Action::ReadSettings),
        ),
        (
            "PUT",
            "/api/settings/{key}",
            Some(json!({ "value": 5000 })),
            Access::May(Action::ChangeSettings),
        ),
        (
            "DELETE",
            "/api/settings/{key}",
            None,
            Access::May(Action::ChangeSettings),
        ),
        (
            "GET",
            "/api/settings/{key}/history",
            None,
            Access::May(Action::ReadSettings),
        ),
        (
            "GET",
            "/api/security/blocks",
            None,
            Access::May(Action::ReadBlocks),
        ),
        (
            "GET",
            "/api/security/blocks/{id}",
            None,
            Access::May(Action::ReadBlocks),
        ),
        (
            "DELETE",
            "/api/security/blocks/{id}",
            None,
            Access::May(Action::LiftBlock),
        ),
        ("GET", "/api/audit", None, Access::May(Action::ReadAudit)),
        ("GET", "/api/audit/actions", None, Access::May(Action::ReadAudit)),
        ("GET", "/api/audit/export", None, Access::May(Action::ExportAudit)),
        ("GET", "/api/audit/chain", None, Access::May(Action::VerifyAudit)),
        (
            "GET",
            "/api/audit/verification",
            None,
            Access::May(Action::VerifyAudit),
        ),
        ("GET", "/api/audit/keys", None, Access::May(Action::VerifyAudit)),
        ("GET", "/api/audit/{id}", None, Access::May(Action::ReadAudit)),
        ("GET", "/api/docs", None, Access::May(Action::ReadDocument)),
        (
            "GET",
            "/api/openapi.json",
            None,
            Access::May(Action::ReadDocument),
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
            "PUT",
            "/api/organizations/{organization}/support-access",
            Some(json!({ "support_access": "approval" })),
            Access::May(Action::ChangeSupportWish),
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
        ("GET", "/api/jobs", None, Access::May(Action::ReadWork)),
        (
            "POST",
            "/api/jobs/{id}/retry",
            Some(json!({ "reason": "the disk has room again" })),
            Access::May(Action::DecideOperation),
        ),
        (
            "POST",
            "/api/jobs/{id}/cancel",
            Some(json!({ "reason": "not wanted" })),
            Access::May(Action::DecideOperation),
        ),
        (
            "POST",
            "/api/jobs/{id}/abandon",
            Some(json!({ "reason": "done by hand" })),
            Access::May(Action::DecideOperation),
        ),
        ("GET", "/api/reconcilers", None, Access::May(Action::ReadWork)),
        ("GET", "/api/schedules", None, Access::May(Action::ReadWork)),
        (
            "POST",
            "/api/schedules/{name}/run",
            None,
            Access::May(Action::RunWork),
        ),
        ("GET", "/api/drift", None, Access::May(Action::ReadDrift)),
        ("GET", "/api/drift/plan", None, Access::May(Action::ReadDrift)),
        (
            "POST",
            "/api/drift/apply",
            Some(json!({ "plan": "plan_000000000000000000000000" })),
            Access::May(Action::ApplyDrift),
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
        ("GET", "/api/metrics", None, Access::May(Action::ReadMetrics)),
        ("GET", "/api/nodes", None, Access::May(Action::ReadNodes)),
        (
            "POST",
            "/api/nodes/tokens",
            Some(json!({ "name": "beta" })),
            Access::May(Action::EnrolNode),
        ),
        ("POST", "/node/v1/observed", Some(json!({})), Access::Node),
        (
            "PATCH",
            "/api/nodes/{name}",
            Some(json!({ "max_tenants": 5 })),
            Access::May(Action::ChangeNode),
        ),
        (
            "DELETE",
            "/api/nodes/{name}",
            None,
            Access::May(Action::RemoveNode),
        ),
        (
            "POST",
            "/api/operations/{id}/cancel",
            Some(json!({ "reason": "not wanted" })),
            Access::May(Action::CancelOperation),
        ),
        ("GET", "/api/nodes/{name}", None, Access::May(Action::ReadNodes)),
        (
            "POST",
            "/api/nodes/{name}/adopt",
            Some(adopt),
            Access::May(Action::AdoptTenant),
        ),
        (
            "POST",
            "/api/templates/{name}/rebuild",
            None,
            Access::May(Action::ChangeTemplates),
        ),
        (
            "POST",
            "/api/templates/{name}/warm",
            None,
            Access::May(Action::ChangeTemplates),
        ),
        (
            "POST",
            "/api/templates/{name}/adopt",
            Some(json!({ "database": "acme" })),
            Access::May(Action::ChangeTemplates),
        ),
        (
            "POST",
            "/api/templates/{name}/retire",
            Some(json!({ "confirm": "template_tenant" })),
            Access::May(Action::ChangeTemplates),
        ),
        (
            "PUT",
            "/api/templates/{name}/pool",
            Some(json!({ "size": 3 })),
            Access::May(Action::ChangeTemplates),
        ),
        ("GET", "/api/templates", None, Access::May(Action::ReadTemplates)),
        (
            "POST",
            "/api/templates",
            Some(json!({})),
            Access::May(Action::ChangeTemplates),
        ),
        ("GET", "/api/keys", None, Access::May(Action::ReadKeys)),
        (
            "POST",
            "/api/keys",
            Some(json!({ "name": "robot" })),
            Access::May(Action::CreateKey),
        ),
        ("DELETE", "/api/keys/{id}", None, Access::May(Action::RevokeKey)),
        // The last, because it ends the session that asks.
        ("POST", "/api/auth/logout/all", None, Access::Person),
    ];
    rows.into_iter()
        .map(|(method, pattern, body, access)| route(method, pattern, body, access))
        .collect()
}

fn route(method: &str, pattern: &'static str, body: Option<Value>, access: Access) -> Route {
    let id = match pattern {
        _ if pattern.starts_with("/node/v1/transfers") => "trf_00000000000000000000000000000001",
        _ if pattern.starts_with("/node/") => COMMAND,
        _ if pattern.starts_with("/api/keys") => KEY,
        _ if pattern.starts_with("/api/auth") => SESSION,
        _ if pattern.starts_with("/api/security") => BLOCK,
        _ if pattern.starts_with("/api/audit") => "1",
        _ if pattern.contains("/support/") => SUPPORT,
        _ if pattern.starts_with("/api/jobs") => "job_00000000000000000000000000000001",
        _ => OPERATION,
    };
    let mut path = pattern.replace("{subdomain}", "acme").replace("{id}", id);
    path = path.replace("{key}", "limits.per_key");
    let named = match pattern {
        _ if pattern.starts_with("/api/nodes") => "alpha",
        _ if pattern.starts_with("/api/schedules") => "tombstones",
        _ => "template_tenant",
    };
    path = path
        .replace("{provider}", PROVIDER)
        .replace("{passkey}", PASSKEY)
        .replace("{name}", named)
        .replace("{organization}", ORGANIZATION)
        .replace("{person}", PERSON);
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
