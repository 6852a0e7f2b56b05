//! What kinds of field there are, and what each must not hold.

use super::hostile::{CONTROL, HOSTILE, long};
use Need::Required;
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
    /// How large a file is.
    Bytes,
    /// The number of a process.
    Process,
    /// A number of things; none is one of them.
    Count,
    /// A small number; none is one of them.
    Few,
    /// A number of bytes; none is one of them.
    Storage,
    /// A number that may also come as text.
    Limit,
    /// Settings with their values.
    Configs,
    /// An object with fields of its own.
    Shape,
    /// A list of words.
    Words,
    /// A list of words, which may be empty.
    Labels,
    /// A list of tenants' names.
    Names,
    /// A list of identifiers.
    Ids,
    /// A word of somebody else's, such as a client's secret: printable ASCII without spaces.
    Printable(usize),
    /// A list of domains.
    Domains,
    /// A text that is compared with what is known: anything but nothing and too much.
    Typed(usize),
    /// Text that is looked for: anything but nothing and control characters.
    Sought(usize),
    /// A text that is compared, never kept.
    Compared,
}

/// Whether the request makes sense without the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
}

pub const NAME: Kind = Kind::Word(&[
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
pub const EMAIL: Kind = Kind::Word(&[
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
pub const SLUG: Kind = Kind::Word(&["", "x", "Gold", "gold"]);
pub const NODE: Kind = Kind::Word(&["", "Nowhere", "nowhere", "-a", "a_b"]);
/// A node whose name is well formed and that has no such template is not found, and that is told of the template.
pub const NODE_OR_GONE: Kind = Kind::Word(&["", "Nowhere", "-a", "a_b"]);
pub const TEMPLATE: Kind = Kind::Word(&[
    "",
    "nothing",
    "postgres",
    "template0",
    "template1",
    "tenantry_pool",
    "tcs",
    "a-b",
]);
pub const LANGUAGE: Kind = Kind::Word(&["", "fr", "es_XX", "ES", "es-DO"]);
pub const COUNTRY: Kind = Kind::Word(&["", "ZZ", "do", "DOM"]);
pub const ZONE: Kind = Kind::Word(&["", "Mars/Olympus", "utc", "America"]);
pub const EXPIRY: Kind = Kind::Word(&[
    "",
    "soon",
    "Never",
    "2026-13-01",
    "31/12/2026",
    "2026-12-31T18:00",
]);
pub const DRIVER: Kind = Kind::Word(&["", "Odoo", "container"]);
/// The name of something that is sold, where any of the form would do.
pub const SOLD: Kind = Kind::Word(&["", "x", "Gold", "a b", "a.b", "gold!"]);
pub const REASON: Kind = Kind::Word(&["", "Unpaid", "because"]);
pub const FORM: Kind = Kind::Word(&["", "Full", "half"]);
pub const ROLE: Kind = Kind::Word(&["", "all", "Owner"]);
pub const STATE: Kind = Kind::Word(&["", "gone", "Active"]);
pub const ORGANIZATION: Kind = Kind::Word(&["", "acme", "org_1", "per_00000000000000000000000000000001"]);
pub const SETTING: Kind = Kind::Word(&["", "limits.per_address", "Limits.per_key"]);
pub const ISSUER: Kind = Kind::Word(&[
    "",
    "login.example.com",
    "http://login.example.com",
    "ftp://login.example.com",
    "https://ana:x@login.example.com",
    "https://login.example.com/?a=b",
    "https://login.example.com/#a",
]);
pub const PLAN_OF_DRIFT: Kind = Kind::Word(&["", "plan_", "plan_1", "ope_00000000000000000000000000000001"]);
pub const MOMENT: Kind = Kind::Word(&[
    "",
    "yesterday",
    "2026-11-29",
    "2026-13-01T00:00:00Z",
    "2026-11-29T10:00:00",
]);
pub const SWITCH: Kind = Kind::Word(&["", "Active", "off"]);
pub const POLICY: Kind = Kind::Word(&["", "Enforced", "always"]);
pub const DOMAIN: Kind = Kind::Word(&["", "other.com", "EXAMPLE.COM", "example.com."]);

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
        Kind::Labels => {
            bad.extend(HOSTILE.map(|text| json!([text])));
            bad.extend([
                json!([""]),
                json!(["a", "-b"]),
                json!([long(31)]),
                json!(["a b"]),
                json!(["A"]),
            ]);
            bad.push(json!(vec!["a"; 21]));
        }
        Kind::Limit => {
            bad.extend(HOSTILE.map(|text| json!(text)));
            bad.extend([
                json!(-1),
                json!(""),
                json!("1.5"),
                json!(100_000_001),
                json!(u64::MAX),
            ]);
        }
        Kind::Configs => bad.push(json!([])),
        Kind::Shape => {}
        Kind::Count => bad.extend([json!(-1), json!(1.5), json!(u64::MAX), json!(1_000_000_001)]),
        Kind::Storage => bad.extend([json!(-1), json!(1.5), json!(u64::MAX), json!(i64::MAX)]),
        Kind::Few => bad.extend([json!(-1), json!(1.5), json!(1001), json!(i64::MAX)]),
        Kind::Names => {
            bad.extend(HOSTILE.map(|text| json!([text])));
            bad.extend([json!([]), json!([""]), json!(["acme", "a b"]), json!([long(41)])]);
        }
        Kind::Sought(longest) => {
            bad.extend(CONTROL.map(|text| json!(text)));
            bad.extend([json!(""), json!(long(longest + 1))]);
        }
        Kind::Ids => {
            bad.extend(HOSTILE.map(|text| json!([text])));
            bad.extend([json!([]), json!([""]), json!(["acme"])]);
        }
        Kind::Printable(longest) => {
            bad.extend(CONTROL.map(|text| json!(text)));
            bad.extend([
                json!(""),
                json!("a b"),
                json!("contraseña"),
                json!(long(longest + 1)),
            ]);
        }
        Kind::Domains => {
            bad.extend(HOSTILE.map(|text| json!([text])));
            bad.extend([
                json!([""]),
                json!(["example.com", "localhost"]),
                json!(["a..com"]),
            ]);
            bad.push(json!(vec!["example.com"; 51]));
        }
        Kind::Typed(longest) => bad.extend([json!(""), json!(long(longest + 1))]),
        Kind::Bytes => bad.extend([json!(0), json!(-1), json!(i64::MAX), json!(u64::MAX)]),
        Kind::Process => bad.extend([json!(i64::MAX)]),
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
        Kind::Shape => value.is_object(),
        Kind::Number
        | Kind::Bytes
        | Kind::Storage
        | Kind::Process
        | Kind::Count
        | Kind::Few
        | Kind::Limit => value.is_i64(),
        Kind::Words | Kind::Labels | Kind::Names | Kind::Ids | Kind::Configs | Kind::Domains => false,
        _ => value.is_string(),
    };
    all.into_iter().filter(|value| !fits(value)).collect()
}
