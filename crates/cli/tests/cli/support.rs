//! `tenantry support …` and `tenantry tenant login`.

use crate::samples::{OPERATION, operation, problem};
use crate::server::{Received, Reply, Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

const ACCESS: &str = "sup_0198c0ffee0000000000000000000001";
const LINK: &str = "https://acme.example.com/tenantry/enter#0123";

fn access(state: &str) -> Value {
    value!({
        "id": ACCESS, "tenant": "acme", "state": state, "requested_by": "per_1", "requester_name": "Ana",
        "reason": "ticket 812", "minutes": 60, "break_glass": true, "requested_at": "2026-08-05T14:30:00Z",
        "lapses_at": "2026-08-06T14:30:00Z", "entries": 0,
    })
}

fn link() -> Reply {
    json(
        200,
        value!({ "url": LINK, "expires_at": "2026-08-05T14:31:00Z", "operation_id": OPERATION }).to_string(),
    )
}

fn answers(request: &Received, _: usize) -> Reply {
    let act = |verb: &str| format!("POST /api/tenants/acme/support/{ACCESS}/{verb}");
    match request.line.as_str() {
        "POST /api/tenants/acme/support" => json(201, access("requested").to_string()),
        "GET /api/support" | "GET /api/tenants/acme/support" => {
            json(200, value!({ "items": [access("open")] }).to_string())
        }
        line if line == act("approve") => json(200, access("approved").to_string()),
        line if line == act("refuse") => json(200, access("refused").to_string()),
        line if line == act("end") => json(200, access("ended").to_string()),
        line if line == act("enter") => link(),
        "POST /api/tenants/acme/login" => link(),
        _ => json(404, problem(404)),
    }
}

#[tokio::test]
async fn every_command_goes_where_the_api_has_it() {
    for (line, body, said) in [
        (
            "support request acme --reason ticket-812 --minutes 30 --break-glass",
            r#"{"reason":"ticket-812","minutes":30,"break_glass":true}"#,
            "the customer decides",
        ),
        (
            "support approve acme ACCESS --note certainly",
            r#"{"note":"certainly"}"#,
            "is approved: tenantry support enter acme sup_",
        ),
        ("support refuse acme ACCESS", r#"{"note":null}"#, "is refused."),
        ("support end acme ACCESS", "", "is ended."),
        ("support list", "", "open (glass broken)"),
        ("support list acme", "", "ticket 812"),
    ] {
        let server = Server::start(answers).await;
        let line = line.replace("ACCESS", ACCESS);
        let words: Vec<&str> = line.split(' ').collect();
        let ended = Shell::of(&server).run(&words).await;
        assert_eq!(ended.exit, Exit::Done, "{line}: {}", ended.errors);
        assert!(ended.output.contains(said), "{line}: {}", ended.output);
        assert_eq!(server.seen()[0].body, body, "{line}");
    }
}

#[tokio::test]
async fn a_link_stands_alone_on_standard_output() {
    for line in [
        ["support", "enter", "acme", ACCESS].as_slice(),
        &["tenant", "login", "acme"],
    ] {
        let server = Server::start(answers).await;
        let ended = Shell::of(&server).run(line).await;
        assert_eq!(
            (ended.exit, ended.output),
            (Exit::Done, format!("{LINK}\n")),
            "{line:?}"
        );
        assert!(ended.errors.contains("works once"), "{}", ended.errors);
    }
}

#[tokio::test]
async fn a_node_that_takes_its_time_is_waited_for_and_the_same_request_asked_again() {
    let server = Server::start(|request, number| match request.line.as_str() {
        "POST /api/tenants/acme/login" if number == 0 => json(202, operation("running", "running")),
        line if line.ends_with("/events") => Reply::Events(vec![operation("succeeded", "done")]),
        line if line.starts_with("GET") => json(200, operation("succeeded", "done")),
        _ => link(),
    })
    .await;
    let ended = Shell::of(&server).run(&["tenant", "login", "acme"]).await;
    assert_eq!(
        (ended.exit, ended.output),
        (Exit::Done, format!("{LINK}\n")),
        "{}",
        ended.errors
    );
    let seen = server.seen();
    let asked: Vec<&str> = seen
        .iter()
        .filter(|request| request.line.starts_with("POST"))
        .map(|request| request.header("idempotency-key"))
        .collect();
    assert_eq!((asked.len(), asked[0]), (2, asked[1]));
}
