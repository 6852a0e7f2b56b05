//! Creating a tenant: idempotency, following, the stream that breaks, failures, waiting, the one-time link.

use crate::samples::{OPERATION, change, operation, tenant};
use crate::server::{Received, Reply, Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

const CREATE: [&str; 9] = [
    "tenant",
    "create",
    "acme",
    "--company",
    "Acme",
    "--email",
    "ana@example.com",
    "--plan",
    "basic",
];
const LINK: &str = "https://panel.example.com/set-password/once";

/// Accepted, with the operation in `Location` and in the body.
pub fn accepted(subdomain: &str, state: &str) -> Reply {
    let location = vec![("location", format!("/api/operations/{OPERATION}"))];
    Reply::Answer(202, location, change(subdomain, state))
}

fn created() -> Reply {
    let mut body = tenant("acme", "active");
    body["set_password_link"] = value!(LINK);
    json(201, body.to_string())
}

/// First accepted, then, for the same request, the final answer; events as given.
fn creating(events: Vec<String>) -> impl Fn(&Received, usize) -> Reply + Send + Sync {
    move |request, before| match (request.line.as_str(), before) {
        ("POST /api/tenants", 0) => accepted("acme", "provisioning"),
        ("POST /api/tenants", _) => created(),
        (line, _) if line.ends_with("/events") => Reply::Events(events.clone()),
        (line, 0) if line.starts_with("GET /api/operations/") => json(200, operation("running", "running")),
        _ => json(200, operation("succeeded", "done")),
    }
}

#[tokio::test]
async fn a_creation_is_followed_and_ends_with_the_one_time_link() {
    let events = ["queued", "running", "succeeded"].map(|state| operation(state, step_of(state)));
    let server = Server::start(creating(events.to_vec())).await;
    let ended = Shell::of(&server).run(&CREATE).await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    assert!(ended.output.contains(LINK), "{}", ended.output);
    assert!(
        ended.errors.contains("… clone\n  ✓ clone  312 ms\n"),
        "{}",
        ended.errors
    );
    let seen = server.seen();
    let posts: Vec<&Received> = seen
        .iter()
        .filter(|request| request.line == "POST /api/tenants")
        .collect();
    assert_eq!(posts.len(), 2);
    assert_eq!(
        posts[0].header("idempotency-key"),
        posts[1].header("idempotency-key")
    );
    assert_eq!(
        (
            posts[0].header("idempotency-key").len(),
            posts[0].header("prefer")
        ),
        (36, "wait=0")
    );
    assert_eq!(posts[0].body, posts[1].body);
    assert!(
        !seen
            .iter()
            .any(|request| request.line.starts_with("GET /api/operations/")
                && !request.line.ends_with("events"))
    );
}

fn step_of(state: &str) -> &'static str {
    if state == "succeeded" { "done" } else { "running" }
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_replaced_by_asking() {
    for events in [
        vec![operation("running", "running")],
        vec!["not json".to_owned()],
        vec![],
    ] {
        let server = Server::start(creating(events)).await;
        let mut line = CREATE.to_vec();
        line.push("--json");
        let ended = Shell::of(&server).run(&line).await;
        assert_eq!((ended.exit, ended.errors.as_str()), (Exit::Done, ""));
        let document: Value = serde_json::from_str(&ended.output).unwrap();
        assert_eq!(document["set_password_link"], LINK);
        let asked = server
            .lines()
            .iter()
            .filter(|line| line.ends_with(OPERATION))
            .count();
        assert_eq!(asked, 2);
    }
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more_with_the_same_key() {
    let server = Server::start(|_, before| if before == 0 { Reply::HangUp } else { created() }).await;
    let ended = Shell::of(&server).run(&CREATE).await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(
        seen[0].header("idempotency-key"),
        seen[1].header("idempotency-key")
    );
    let server = Server::start(|_, _| Reply::HangUp).await;
    let ended = Shell::of(&server).run(&CREATE).await;
    assert_eq!(
        (ended.exit, server.seen().len()),
        (Exit::NotReachable, 2),
        "{}",
        ended.errors
    );
}

#[tokio::test]
async fn a_failed_operation_has_its_own_exit_code() {
    let server = Server::start(creating(vec![operation("failed", "failed")])).await;
    let ended = Shell::of(&server).run(&CREATE).await;
    assert_eq!((ended.exit, ended.output.as_str()), (Exit::OperationFailed, ""));
    assert!(
        ended.errors.contains("The disk is full. Make room. (disk-full)"),
        "{}",
        ended.errors
    );
    let server = Server::start(creating(vec![operation("failed", "failed")])).await;
    let ended = Shell::of(&server).run(&[&CREATE[..], &["--json"]].concat()).await;
    let told: Value = serde_json::from_str(&ended.errors).unwrap();
    assert_eq!(
        (&told["operation"], &told["code"]),
        (&value!(OPERATION), &value!("disk-full"))
    );
}

#[tokio::test]
async fn waiting_ends_when_its_time_is_up_and_tells_how_to_go_on() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "POST /api/tenants" => accepted("acme", "provisioning"),
        _ => Reply::Silence(vec![operation("running", "running")]),
    })
    .await;
    let ended = Shell::of(&server)
        .run(&[&CREATE[..], &["--wait", "1"]].concat())
        .await;
    assert_eq!(ended.exit, Exit::Interrupted);
    assert!(
        ended
            .errors
            .contains(&format!("tenantry operation watch {OPERATION}")),
        "{}",
        ended.errors
    );
    let seen = server.seen();
    let key = seen[0].header("idempotency-key");
    assert!(
        ended.errors.contains(&format!("--idempotency-key {key}")),
        "{}",
        ended.errors
    );
    let ended = Shell::of(&server)
        .run(&[&CREATE[..], &["--wait", "0", "--idempotency-key", key]].concat())
        .await;
    assert_eq!((ended.exit, ended.output.contains(OPERATION)), (Exit::Done, true));
    assert_eq!(server.seen().last().unwrap().header("idempotency-key"), key);
}

#[tokio::test]
async fn a_tenant_that_exists_is_no_failure_when_the_link_cannot_be_had() {
    let server = Server::start(|request, before| match (request.line.as_str(), before) {
        ("POST /api/tenants", 0) => accepted("acme", "provisioning"),
        ("POST /api/tenants", _) => json(500, "{}"),
        ("GET /api/tenants/acme", _) => json(200, tenant("acme", "active").to_string()),
        _ => Reply::Events(vec![operation("succeeded", "done")]),
    })
    .await;
    let ended = Shell::of(&server).run(&CREATE).await;
    assert_eq!(ended.exit, Exit::Done);
    assert!(
        ended.errors.contains("tenantry tenant password acme"),
        "{}",
        ended.errors
    );
}
