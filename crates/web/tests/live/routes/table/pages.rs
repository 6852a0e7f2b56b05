//! Pages, their assets, signs of life, and links that are credentials themselves.

use super::{ASSET, Access, LIFE, LINK, PAGE, Row};
use domain::Action;
use serde_json::json;

/// The staff's panel: whoever is of the staff may look at each of them.
const PANEL: &[&str] = &[
    "/admin",
    "/admin/dashboard",
    "/admin/tenants",
    "/admin/tenants.csv",
    "/admin/workspace/{id}",
    "/admin/operations",
    "/admin/operations/{id}",
    "/admin/activity",
    "/admin/nodes",
    "/admin/nodes/{name}",
    "/admin/nodes/{name}/drain",
    "/admin/databases",
    "/admin/backups",
    "/admin/backups/{id}",
    "/admin/templates",
    "/admin/work",
    "/admin/organizations",
    "/admin/organizations/{organization}",
    "/admin/products",
    "/admin/people",
    "/admin/keys",
    "/admin/settings",
    "/admin/styleguide",
];

pub fn rows() -> Vec<Row> {
    let panel = PANEL
        .iter()
        .map(|path| ("GET", *path, None, Access::May(Action::ReadPanel)));
    own_pages().into_iter().chain(panel).collect()
}

fn own_pages() -> Vec<Row> {
    let link = json!({ "token": "0", "new_password": "Quetzal-volando-47" });
    vec![
        ("GET", "/health", None, Access::Open(LIFE)),
        ("GET", "/ready", None, Access::Open(LIFE)),
        ("GET", "/", None, Access::Open(PAGE)),
        ("GET", "/assets/{version}/{name}", None, Access::Open(ASSET)),
        ("GET", "/welcome", None, Access::Open(PAGE)),
        ("GET", "/set-password", None, Access::Open(PAGE)),
        ("GET", "/invitation", None, Access::Open(PAGE)),
        ("GET", "/reset-password", None, Access::Open(PAGE)),
        ("GET", "/new-email", None, Access::Open(PAGE)),
        ("GET", "/login", None, Access::Open(PAGE)),
        ("GET", "/logout", None, Access::Open(PAGE)),
        ("GET", "/account", None, Access::Person),
        ("GET", "/admin/import", None, Access::May(Action::ImportTenant)),
        (
            "GET",
            "/workspace/{subdomain}",
            None,
            Access::May(Action::ReadTenants),
        ),
        (
            "GET",
            "/organization/{organization}",
            None,
            Access::May(Action::ReadOrganizations),
        ),
        (
            "POST",
            "/welcome",
            Some(json!({ "token": "0" })),
            Access::Token(LINK),
        ),
        ("POST", "/set-password", Some(link), Access::Token(LINK)),
    ]
}
