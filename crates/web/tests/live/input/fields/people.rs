//! Fields of people, of who may do what, and of what is sold to them.

use super::{Request, row};
use crate::input::kinds::Need::{Optional, Required};
use crate::input::kinds::{
    DRIVER, EMAIL, ISSUER, Kind, LANGUAGE, NAME, ORGANIZATION, POLICY, ROLE, SOLD, STATE,
};
use serde_json::json;

/// The rows.
pub(super) fn rows() -> Vec<Request> {
    let password = json!("Quetzal-volando-47");
    vec![
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
    ]
}
