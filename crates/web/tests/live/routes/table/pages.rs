//! Pages, their assets, signs of life, and links that are credentials themselves.

use super::{ASSET, Access, LIFE, LINK, PAGE, Row};
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let link = json!({ "token": "0", "new_password": "Quetzal-volando-47" });
    vec![
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
        ("GET", "/assets/second-factor.js", None, Access::Open(ASSET)),
        ("GET", "/assets/account.js", None, Access::Open(ASSET)),
        ("GET", "/assets/webauthn.js", None, Access::Open(ASSET)),
        (
            "POST",
            "/welcome",
            Some(json!({ "token": "0" })),
            Access::Token(LINK),
        ),
        ("POST", "/set-password", Some(link), Access::Token(LINK)),
    ]
}
