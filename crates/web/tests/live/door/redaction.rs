//! No secret that is sent in, to whatever route and however wrong, comes back or is written down.

use crate::app::answer::Answer;
use crate::app::{App, Outcome, log};
use crate::routes::table::table;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

/// A secret that occurs nowhere else.
const MARK: &str = "Zarzamora-93-Quebrada";

/// Fields that hold secrets, in any request.
const SECRET: [&str; 6] = [
    "admin_password",
    "new_password",
    "token",
    "password",
    "secret",
    "credential",
];

/// Puts the mark into the fields of a body that hold secrets; gives nothing when there are none.
fn marked(body: &Value) -> Option<Value> {
    let mut fields = body.as_object()?.clone();
    let mut found = false;
    for (name, value) in &mut fields {
        if SECRET.contains(&name.as_str()) {
            *value = json!(MARK);
            found = true;
        }
    }
    found.then_some(Value::Object(fields))
}

async fn sent(request: RequestBuilder, place: &str) -> Outcome {
    let answer = Answer::of(request).await?;
    let headers = format!("{:?}", answer.headers);
    assert!(
        !answer.text.contains(MARK) && !headers.contains(MARK),
        "{place}: {}",
        answer.text
    );
    Ok(())
}

#[tokio::test]
async fn marked_secrets_are_in_no_answer_no_log_and_no_row() -> Outcome {
    log::capture_down_to(tracing::Level::TRACE);
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    drop(worker);
    let mut carried = 0;
    for route in table() {
        let place = format!("{} {}", route.method, route.path);
        let plain = || {
            app.request(route.method.clone(), &route.path)
                .header("prefer", "wait=0")
        };
        // As a credential of each kind, and one that is taken together with it.
        for request in [
            app.bare(route.method.clone(), &route.path)
                .header("x-api-key", MARK),
            app.bare(route.method.clone(), &route.path).bearer_auth(MARK),
            app.bare(route.method.clone(), &route.path)
                .basic_auth("any", Some(MARK)),
            plain().header("cookie", format!("access_token={MARK}")),
            plain().header("idempotency-key", format!("{MARK}\tx")),
        ] {
            let request = match &route.body {
                Some(body) => request.json(body),
                None => request,
            };
            sent(request, &place).await?;
        }
        let Some(body) = route.body.as_ref().and_then(marked) else {
            continue;
        };
        carried += 1;
        sent(plain().json(&body), &place).await?;
        // With a field too many, as text that is no JSON, and as the wrong type.
        let mut more = body.clone();
        more["surprise"] = json!(MARK);
        sent(plain().json(&more), &place).await?;
        let broken = format!("{}{MARK}", body);
        sent(
            plain().header("content-type", "application/json").body(broken),
            &place,
        )
        .await?;
        let wrapped: Value = body
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), json!([value])))
            .collect();
        sent(plain().json(&wrapped), &place).await?;
    }
    assert!(carried >= 6, "{carried} routes take secrets");
    // What the door refuses is written down, but neither its query nor its credentials.
    let refused = app.bare(reqwest::Method::GET, &format!("/.env?token={MARK}"));
    sent(refused.header("x-api-key", MARK), "the door").await?;
    app.control.keep_found().await?;
    let blocks = "SELECT count(*) FROM security_block WHERE strpos(security_block::text, 'Zarzamora') > 0";
    assert_eq!(app.database.count(blocks).await?, 0);
    let dump = app.database.dump().await?;
    assert!(!dump.contains(MARK) && !dump.contains(&hex(MARK)));
    let text = log::text();
    // What the database's own driver says of statements and their values is not part of the program's log.
    let ours: Vec<&str> = text.lines().filter(|line| line.contains(MARK)).collect();
    assert!(ours.is_empty(), "{:?}", ours.first());
    assert!(text.contains("answered"));
    app.finish_with_open_commands().await
}

/// As PostgreSQL shows bytes.
fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
