//! Emptying a node: the plan as a person reads it, beginning it by name, following it, and deciding about it.

use crate::samples::OPERATION;
use crate::server::{Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

const PLAN: &str = "plan_0123456789abcdef01234567";

fn plan() -> String {
    value!({
        "plan": PLAN, "node": "node-1", "parallel": 2, "tombstones": 1, "bytes": 94371840, "seconds": 90,
        "moves": [
            { "subdomain": "acme", "to": "node-2", "state": "active", "bytes": 47185920, "changes_address": false },
            { "subdomain": "corp", "to": "node-3", "state": "suspended", "bytes": 47185920, "changes_address": true },
        ],
        "stay": [{ "subdomain": "delta", "reason": "pinned", "words": "It was made for this node by name." }],
    })
    .to_string()
}

fn drain(state: &str, tenants: Value) -> String {
    value!({
        "operation": OPERATION, "node": "node-1", "plan": PLAN, "state": state, "parallel": 2, "mode_before": "active",
        "began_at": "2026-08-05T14:30:00Z", "tenants": tenants,
    })
    .to_string()
}

fn tenants(first: &str, second: &str) -> Value {
    value!([
        { "subdomain": "acme", "to": "node-2", "state": first, "bytes": 1, "stop_ms": 9300 },
        { "subdomain": "corp", "to": "node-3", "state": second, "bytes": 1 },
    ])
}

#[tokio::test]
async fn a_plan_is_shown_and_begun_by_nobody_who_did_not_say_so() {
    let server = Server::start(|_, _| json(200, plan())).await;
    let ended = Shell::of(&server)
        .run(&[
            "node",
            "drain",
            "node-1",
            "--plan",
            "--label",
            "ssd",
            "--parallel",
            "3",
            "--pinned",
        ])
        .await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    for words in [
        "acme",
        "node-2",
        "another address",
        "It was made for this node by name.",
        PLAN,
        "2, 2 at a time",
        "90.0 MiB",
    ] {
        assert!(ended.output.contains(words), "{words}: {}", ended.output);
    }
    assert_eq!(
        server.lines(),
        ["GET /api/nodes/node-1/drain/plan?node_labels=ssd&pinned=true&parallel=3"]
    );
    let ended = Shell::of(&server).run(&["node", "drain", "node-1"]).await;
    assert_eq!(ended.exit, Exit::Usage);
    assert!(
        ended.errors.contains(&format!("--yes {PLAN}")),
        "{}",
        ended.errors
    );
    assert!(server.lines().iter().all(|line| line.starts_with("GET ")));
}

#[tokio::test]
async fn a_drain_is_followed_tenant_by_tenant() {
    let server = Server::start(|request, count| match request.line.as_str() {
        "POST /api/nodes/node-1/drain" => json(202, crate::samples::operation("queued", "running")),
        _ if count < 2 => json(200, drain("running", tenants("moving", "waiting"))),
        _ => json(200, drain("succeeded", tenants("moved", "moved"))),
    })
    .await;
    let ended = Shell::of(&server)
        .run(&[
            "node",
            "drain",
            "node-1",
            "--yes",
            PLAN,
            "--parallel",
            "1",
            "--reason",
            "new disks",
        ])
        .await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    assert_eq!(
        ended.output,
        format!("node-1 ({OPERATION}) is succeeded: 2 moved.\n")
    );
    assert!(ended.errors.contains("acme → node-2: moving"), "{}", ended.errors);
    assert!(
        ended.errors.contains("acme → node-2: moved (closed for 9.3 s)"),
        "{}",
        ended.errors
    );
    assert!(!ended.errors.contains("waiting"), "{}", ended.errors);
    let body: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(
        (&body["plan"], &body["parallel"], &body["reason"]),
        (&value!(PLAN), &value!(1), &value!("new disks"))
    );
}

#[tokio::test]
async fn a_drain_is_paused_cancelled_and_its_copies_dropped() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "POST /api/nodes/node-1/confirm-moves" => {
            json(202, value!({ "operations": [OPERATION] }).to_string())
        }
        _ => json(200, drain("pausing", tenants("moving", "waiting"))),
    })
    .await;
    for (line, wanted, says) in [
        (
            vec!["drain", "node-1", "--pause"],
            "POST /api/nodes/node-1/drain/pause",
            "is pausing: 1 moving, 1 waiting.",
        ),
        (
            vec!["drain", "node-1", "--resume"],
            "POST /api/nodes/node-1/drain/resume",
            "1 moving",
        ),
        (
            vec!["drain", "node-1", "--cancel", "--reason", "no"],
            "POST /api/nodes/node-1/drain/cancel",
            "1 moving",
        ),
        (
            vec!["drain", "node-1", "--show"],
            "GET /api/nodes/node-1/drain",
            "node-3",
        ),
        (
            vec!["confirm-moves", "node-1", "--yes", "node-1"],
            "POST /api/nodes/node-1/confirm-moves",
            "1 being dropped.",
        ),
    ] {
        let ended = Shell::of(&server)
            .run(&[&["node"], line.as_slice()].concat())
            .await;
        assert_eq!(ended.exit, Exit::Done, "{line:?}: {}", ended.errors);
        assert!(ended.output.contains(says), "{line:?}: {}", ended.output);
        assert_eq!(server.lines().last().map(String::as_str), Some(wanted));
    }
}
