//! Queries, path segments and headers that make no sense.

use super::hostile::{CONTROL, HOSTILE, long};
use super::{is_walled_off, prepared, refused, walled_off};
use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// What looks like an attack is refused at the door, anything else by the reader of the field.
async fn refused_somehow(app: &App, method: &Method, address: &str, body: &Value, field: &str) -> Outcome {
    match is_walled_off(address) {
        true => walled_off(app, method, address).await,
        false => refused(app, method, address, body, field).await,
    }
}

#[tokio::test]
async fn bad_parameters_of_lists_are_refused_by_name() -> Outcome {
    let app = prepared().await?;
    let words = ["", "nonsense word", "Active"];
    // A word of this form could be a plan's name.
    let slugs: Vec<String> = words
        .iter()
        .chain(&HOSTILE)
        .filter(|word| **word != "--version")
        .map(ToString::to_string)
        .collect();
    let table: Vec<(&str, &str, Vec<String>)> = vec![
        (
            "/api/tenants",
            "state",
            words.iter().chain(&HOSTILE).map(ToString::to_string).collect(),
        ),
        ("/api/tenants", "plan", slugs.clone()),
        ("/api/tenants", "product", slugs),
        (
            "/api/tenants",
            "node",
            words.iter().chain(&HOSTILE).map(ToString::to_string).collect(),
        ),
        (
            "/api/tenants",
            "expires_in",
            ["", "30", "d", "0d", "3651d", "-1d", "1.5d", "30D"]
                .map(ToOwned::to_owned)
                .into(),
        ),
        (
            "/api/register/address",
            "subdomain",
            words
                .iter()
                .chain(&HOSTILE)
                .chain(&["ab", "admin"])
                .map(ToString::to_string)
                .collect(),
        ),
        (
            "/api/tenants",
            "search",
            CONTROL
                .iter()
                .map(ToString::to_string)
                .chain([long(101)])
                .collect(),
        ),
        (
            "/api/tenants",
            "sort",
            words
                .iter()
                .chain(&HOSTILE)
                .chain(&["id", "--subdomain", "admin_email"])
                .map(ToString::to_string)
                .collect(),
        ),
        (
            "/api/tenants",
            "cursor",
            words
                .iter()
                .chain(&HOSTILE)
                .chain(&["AAAA", "=", "MDAwMA"])
                .map(ToString::to_string)
                .collect(),
        ),
        (
            "/api/tenants",
            "limit",
            ["0", "-1", "201", "1.5", "ten", "", "99999999999999999999"]
                .map(ToOwned::to_owned)
                .into(),
        ),
        (
            "/api/operations",
            "limit",
            ["0", "-1", "201", "x", "9223372036854775808"]
                .map(ToOwned::to_owned)
                .into(),
        ),
        (
            "/api/provisioning/tenants",
            "server",
            HOSTILE.map(ToOwned::to_owned).into(),
        ),
    ];
    for (path, parameter, values) in table {
        for value in values {
            let address = format!("{path}?{parameter}={}", encoded(&value));
            refused_somehow(&app, &Method::GET, &address, &Value::Null, parameter)
                .await
                .map_err(|e| format!("{address}: {e}"))?;
        }
    }
    for (address, field) in [
        ("/api/tenants?nonsense=1", "nonsense"),
        ("/api/tenants?state=active&state=deleted", "state"),
        ("/api/operations?id=1", "id"),
        ("/api/provisioning/tenants?node=alpha", "node"),
    ] {
        refused(&app, &Method::GET, address, &Value::Null, field).await?;
    }
    app.finish().await
}

#[tokio::test]
async fn bad_names_in_the_path_are_refused_by_name() -> Outcome {
    let app = prepared().await?;
    let before = app.database.dump().await?;
    let mut names: Vec<&str> = HOSTILE.to_vec();
    names.extend([
        "ab",
        "Acme",
        "admin",
        "postgres",
        "template1",
        "..",
        "%",
        "acme.example.com",
    ]);
    for name in names {
        let name = encoded(name).replace("..", "%2e%2e%2e");
        for (method, rest) in [
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", "?confirm=acme"),
            ("POST", "/suspend"),
            ("POST", "/resume"),
            ("POST", "/password"),
            ("POST", "/purge"),
            ("POST", "/undelete"),
        ] {
            let method = Method::from_bytes(method.as_bytes())?;
            let address = format!("/api/tenants/{name}{rest}");
            refused_somehow(&app, &method, &address, &json!({}), "subdomain")
                .await
                .map_err(|e| format!("{method} {address}: {e}"))?;
        }
    }
    let ids = [
        "x",
        "ope_",
        "ope_0",
        "key_0000000000000000000000000000000g",
        "ten_00000000000000000000000000000001",
    ];
    for id in ids.iter().chain(&HOSTILE) {
        let id = encoded(id).replace("..", "%2e%2e%2e");
        for (method, path) in [("GET", "/api/operations/"), ("DELETE", "/api/keys/")] {
            let method = Method::from_bytes(method.as_bytes())?;
            let address = format!("{path}{id}");
            refused_somehow(&app, &method, &address, &Value::Null, "id")
                .await
                .map_err(|e| format!("{method} {address}: {e}"))?;
        }
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn bad_idempotency_keys_are_refused_by_name() -> Outcome {
    let app = prepared().await?;
    let before = app.database.dump().await?;
    for bad in [
        Vec::new(),
        vec![b'a'; 129],
        "ñandú".as_bytes().to_vec(),
        b"a\tb".to_vec(),
    ] {
        let header = reqwest::header::HeaderValue::from_bytes(&bad)?;
        let request = app
            .request(Method::POST, "/api/tenants")
            .header("idempotency-key", header);
        Answer::of(request.json(&crate::app::new_tenant("fresh")))
            .await?
            .refuses("Idempotency-Key")?;
    }
    app.database.still(&before).await?;
    app.finish().await
}

#[tokio::test]
async fn an_unreadable_preference_waits_as_long_as_without_one() -> Outcome {
    let (app, worker) = crate::app::App::with_worker().await?;
    for (number, prefer) in [
        "wait=",
        "wait=-1",
        "wait=soon",
        "wait=99999999999999999999",
        "handling=strict",
        "\"",
        "ñ",
    ]
    .iter()
    .enumerate()
    {
        let request = app
            .request(Method::POST, "/api/tenants")
            .header("prefer", *prefer);
        Answer::of(request.json(&crate::app::new_tenant(&format!("some{number}"))))
            .await?
            .expect(201)?;
    }
    drop(worker);
    app.finish().await
}
