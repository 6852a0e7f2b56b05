//! Every field of every request with what it must not hold.

use super::hostile::{CONTROL, HOSTILE, long};
use serde_json::{Value, json};

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Checked text: nothing hostile gets through.
    Word(&'static [&'static str]),
    /// Text for people: anything but control characters.
    Free(usize),
    /// A company's name: no control characters and nothing that turns the writing round.
    Company,
    /// A new password.
    Password,
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
    /// A list of words.
    Words,
    /// A text that is compared, never kept.
    Compared,
}

/// Whether the request makes sense without the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
}

/// A request that has nothing wrong with it, and its fields.
#[derive(Debug)]
pub struct Request {
    pub method: &'static str,
    pub path: &'static str,
    pub body: Value,
    pub fields: Vec<(&'static str, Kind, Need)>,
}

const NAME: Kind = Kind::Word(&[
    "",
    "ab",
    "Acme",
    "-abc",
    "abc-",
    "_abc",
    "a.b.c",
    "acme ",
    "admin",
    "postgres",
    "www",
    "template1",
    "template_x",
    "tenantry_x",
    "pg_x",
    "xn--abc",
    "ácme",
]);
const EMAIL: Kind = Kind::Word(&[
    "",
    "ana",
    "ana@",
    "@example.com",
    "ana@localhost",
    "a b@example.com",
    "ana@exa_mple.com",
    "a@b@c.com",
    "ana@example.com\u{202e}",
]);
const SLUG: Kind = Kind::Word(&["", "x", "Gold", "gold"]);
const NODE: Kind = Kind::Word(&["", "Nowhere", "nowhere", "-a", "a_b"]);
const TEMPLATE: Kind = Kind::Word(&[
    "",
    "nothing",
    "postgres",
    "template0",
    "template1",
    "tenantry_pool",
    "tcs",
    "a-b",
]);
const LANGUAGE: Kind = Kind::Word(&["", "fr", "es_XX", "ES", "es-DO"]);
const COUNTRY: Kind = Kind::Word(&["", "ZZ", "do", "DOM"]);
const ZONE: Kind = Kind::Word(&["", "Mars/Olympus", "utc", "America"]);
const REASON: Kind = Kind::Word(&["", "Unpaid", "because"]);
const SCOPE: Kind = Kind::Word(&["", "all", "Full"]);
const DOMAIN: Kind = Kind::Word(&["", "other.com", "EXAMPLE.COM", "example.com."]);

use Need::{Optional, Required};

/// The whole table. The node is `alpha`, its domain `example.com`, and there is a tenant `acme`.
pub fn table() -> Vec<Request> {
    let row = |method, path, body, fields| Request {
        method,
        path,
        body,
        fields,
    };
    let password = json!("Quetzal-volando-47");
    vec![
        row(
            "POST",
            "/api/tenants",
            crate::app::new_tenant("fresh"),
            vec![
                ("company_name", Kind::Company, Required),
                ("admin_email", EMAIL, Required),
                ("subdomain", NAME, Required),
                ("plan", SLUG, Required),
                ("product", SLUG, Optional),
                ("node", NODE, Optional),
                ("template", TEMPLATE, Optional),
                ("admin_password", Kind::Password, Optional),
                ("language", LANGUAGE, Optional),
                ("country", COUNTRY, Optional),
                ("timezone", ZONE, Optional),
            ],
        ),
        row(
            "PATCH",
            "/api/tenants/acme",
            json!({ "company_name": "Acme", "plan": "pro", "subdomain": "acme2" }),
            vec![
                ("company_name", Kind::Company, Optional),
                ("plan", SLUG, Optional),
                ("subdomain", NAME, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/password",
            json!({ "new_password": password }),
            vec![
                ("new_password", Kind::Password, Required),
                ("end_sessions", Kind::Flag, Optional),
            ],
        ),
        row(
            "POST",
            "/api/tenants/acme/suspend",
            json!({ "reason": "unpaid" }),
            vec![("reason", REASON, Optional), ("note", Kind::Free(200), Optional)],
        ),
        row(
            "POST",
            "/api/tenants/acme/resume",
            json!({}),
            vec![("reason", REASON, Optional)],
        ),
        row(
            "POST",
            "/api/tenants/acme/purge",
            json!({ "confirm": "acme" }),
            vec![("confirm", Kind::Compared, Required)],
        ),
        row(
            "POST",
            "/api/provisioning/tenant",
            json!({ "subdomain": "fresh" }),
            vec![
                ("subdomain", NAME, Required),
                ("admin_password", Kind::Password, Optional),
                ("domain", DOMAIN, Optional),
                ("server", NODE, Optional),
                ("template_db", TEMPLATE, Optional),
                ("language", LANGUAGE, Optional),
                ("company_name", Kind::Company, Optional),
                ("admin_email", EMAIL, Optional),
                ("plan", SLUG, Optional),
            ],
        ),
        row(
            "DELETE",
            "/api/provisioning/tenant",
            json!({ "subdomain": "acme" }),
            vec![
                ("subdomain", NAME, Required),
                ("delete_dns", Kind::Flag, Optional),
                ("server", NODE, Optional),
            ],
        ),
        row(
            "PUT",
            "/api/provisioning/tenant/password",
            json!({ "subdomain": "acme", "new_password": password }),
            vec![
                ("subdomain", NAME, Required),
                ("new_password", Kind::Password, Required),
                ("server", NODE, Optional),
            ],
        ),
        row(
            "PUT",
            "/api/provisioning/tenant/suspend",
            json!({ "subdomain": "acme" }),
            vec![
                ("subdomain", NAME, Required),
                ("suspend", Kind::Flag, Optional),
                ("reason", Kind::Free(200), Optional),
                ("server", NODE, Optional),
            ],
        ),
        row(
            "POST",
            "/api/nodes/tokens",
            json!({ "name": "beta" }),
            vec![("name", Kind::Word(&["", "Beta", "-b", "a_b"]), Required)],
        ),
        row(
            "POST",
            "/api/templates",
            json!({ "node": "alpha" }),
            vec![
                (
                    "name",
                    Kind::Word(&["", "postgres", "template0", "tenantry_x", "a-b"]),
                    Optional,
                ),
                ("node", NODE, Optional),
                ("modules", Kind::Words, Optional),
                ("languages", Kind::Words, Optional),
            ],
        ),
        row(
            "POST",
            "/api/keys",
            json!({ "name": "robot" }),
            vec![
                ("name", Kind::Free(60), Required),
                ("scope", SCOPE, Optional),
                ("expires_in_days", Kind::Number, Optional),
            ],
        ),
    ]
}

/// Values that the field must refuse.
pub fn bad_values(kind: Kind, need: Need) -> Vec<Value> {
    let mut bad: Vec<Value> = wrong_types(kind);
    if need == Required {
        bad.push(Value::Null);
    }
    match kind {
        Kind::Word(words) => {
            bad.extend(words.iter().chain(&HOSTILE).map(|word| json!(word)));
            bad.push(json!(long(300)));
        }
        Kind::Free(longest) => {
            bad.extend(CONTROL.map(|text| json!(text)));
            bad.push(json!(long(longest + 1)));
        }
        Kind::Company => {
            bad.extend(CONTROL.map(|text| json!(text)));
            bad.extend(["", "   ", "abc\u{202e}fed", "\u{2066}abc", "\u{feff}"].map(|text| json!(text)));
            bad.push(json!(long(121)));
        }
        Kind::Password => {
            bad.extend(CONTROL.map(|text| json!(format!("{text} but long enough"))));
            bad.extend(
                [
                    "",
                    "short",
                    "password123",
                    "PASSWORD123",
                    "12345678",
                    "aaaaaaaaaa",
                ]
                .map(|text| json!(text)),
            );
            bad.push(json!(long(257)));
        }
        Kind::Compared => bad.extend(
            HOSTILE
                .iter()
                .chain(&["", "Acme", "acme ", "acme2"])
                .map(|text| json!(text)),
        ),
        Kind::Number => bad.extend([
            json!(0),
            json!(-1),
            json!(3651),
            json!(1.5),
            json!(i64::MAX),
            json!(u64::MAX),
        ]),
        Kind::Words => {
            bad.extend(HOSTILE.map(|text| json!([text])));
            bad.extend([
                json!([]),
                json!([""]),
                json!(["a", "--stop-after-init"]),
                json!([long(61)]),
                json!(["a b"]),
            ]);
            bad.push(json!(vec!["a"; 61]));
        }
        Kind::Flag => {}
    }
    bad
}

fn wrong_types(kind: Kind) -> Vec<Value> {
    let all = [
        json!(7),
        json!(1.5),
        json!(true),
        json!("true"),
        json!([1]),
        json!({ "a": 1 }),
    ];
    let fits = |value: &Value| match kind {
        Kind::Flag => value.is_boolean(),
        Kind::Number => value.is_i64(),
        Kind::Words => false,
        _ => value.is_string(),
    };
    all.into_iter().filter(|value| !fits(value)).collect()
}
