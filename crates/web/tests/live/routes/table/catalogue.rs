//! What is sold, and registering for it.

use super::{Access, Row};
use domain::Action;
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let read = Access::May(Action::ReadCatalogue);
    let change = Access::May(Action::ChangeCatalogue);
    let register = json!({ "company_name": "Beta", "name": "Eva", "email": "eva@example.com",
        "new_password": "Quetzal-volando-47", "subdomain": "beta" });
    vec![
        ("GET", "/api/plans", None, read),
        (
            "POST",
            "/api/plans",
            Some(json!({ "name": "team", "display_name": "Team", "max_users": 15 })),
            change,
        ),
        (
            "PATCH",
            "/api/plans/{name}",
            Some(json!({ "display_name": "Basic" })),
            change,
        ),
        ("DELETE", "/api/plans/{name}", None, change),
        ("GET", "/api/products", None, read),
        (
            "POST",
            "/api/products",
            Some(json!({ "name": "shop", "display_name": "Shop" })),
            change,
        ),
        (
            "PATCH",
            "/api/products/{name}",
            Some(json!({ "display_name": "Odoo" })),
            change,
        ),
        ("DELETE", "/api/products/{name}", None, change),
        ("GET", "/register", None, Access::Registration),
        ("POST", "/api/register", Some(register), Access::Registration),
        ("GET", "/api/register/address", None, Access::Registration),
    ]
}
