//! The front door lets the product's own traffic pass, however odd what people write.

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use crate::routes::table::table;
use reqwest::Method;
use serde_json::{Value, json};

/// What people really write into fields, and what firewalls of the careless kind refuse.
const AWKWARD: [&str; 12] = [
    "O'Brien & Hijos, S.R.L.",
    "SELECT * FROM clientes; DROP TABLE x --",
    "../../etc/passwd",
    "..\\..\\windows",
    "Peluquería Ñandú – 100% tuya",
    "<b onclick=\"x\">Sí</b>",
    "session_id=1 onload=2 container_id=3",
    "UNION ALL SELECT",
    "%2e%2e%2f",
    "../.env",
    "wp-login.php",
    "sqlmap",
];

/// Programs that people and machines really use.
const AGENTS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "kube-probe/1.31",
    "Prometheus/2.55",
    "schemathesis/4.3",
];

/// Puts a text into every text of a body.
fn filled(body: &Value, text: &str) -> Value {
    match body {
        Value::String(_) => json!(text),
        Value::Array(items) => items.iter().map(|item| filled(item, text)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, text)))
            .collect(),
        other => other.clone(),
    }
}

fn is_walled_off(answer: &Answer) -> bool {
    answer.status == 403 && answer.json["type"] == "/problems/blocked"
}

#[tokio::test]
async fn no_route_is_refused_at_the_door_whatever_its_texts_hold() -> Outcome {
    let app = App::start().await?;
    let cookies =
        "access_token=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2ln-_; refresh_token=tnr_0f; lang=es";
    for route in table() {
        for (number, text) in AWKWARD.iter().enumerate() {
            let mut request = app
                .request(route.method.clone(), &route.path)
                .header("prefer", "wait=0")
                .header("user-agent", AGENTS[number % AGENTS.len()])
                .header("cookie", cookies);
            if let Some(body) = &route.body {
                request = request.json(&filled(body, text));
            }
            if route.method == Method::GET && !route.path.contains('?') && !route.path.ends_with("/events") {
                request = request.query(&[("search", text), ("session_id", text)]);
            }
            let answer = Answer::of(request).await?;
            let place = format!("{} {} with {text}", route.method, route.path);
            assert!(!is_walled_off(&answer), "{place}: {}", answer.text);
            assert!(answer.status.as_u16() < 500, "{place}: {}", answer.text);
        }
    }
    app.control.keep_found().await?;
    assert_eq!(
        app.database.count("SELECT count(*) FROM security_block").await?,
        0
    );
    app.finish_with_open_commands().await
}

#[tokio::test]
async fn a_company_may_be_called_like_an_attack_and_is_found_by_that_name() -> Outcome {
    let (app, worker) = App::with_worker().await?;
    for (number, name) in AWKWARD.iter().enumerate() {
        let mut body = crate::app::new_tenant(&format!("odd{number}"));
        body["company_name"] = json!(name);
        let tenant = app.post("/api/tenants", &body).await?.expect(201)?;
        assert_eq!(tenant["company_name"], *name);
        let search = app
            .request(Method::GET, "/api/tenants")
            .query(&[("search", name)]);
        let found = Answer::of(search).await?.expect(200)?;
        assert_eq!(found["items"][0]["company_name"], *name, "{found}");
    }
    drop(worker);
    app.finish().await
}
