//! People: signing in, second factors, sessions, organizations, identity providers.

use super::{Access, LINK, OWN, PAGE, Row};
use domain::Action;
use serde_json::json;

pub fn rows() -> Vec<Row> {
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
    vec![
        ("GET", "/account/second-factor", None, Access::Open(PAGE)),
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
            "PUT",
            "/api/organizations/{organization}/support-access",
            Some(json!({ "support_access": "approval" })),
            Access::May(Action::ChangeSupportWish),
        ),
        // The last, because it ends the session that asks.
        ("POST", "/api/auth/logout/all", None, Access::Person),
    ]
}
