//! Changes other than creating a tenant: where they go, how they end, what they print.

use crate::changes::accepted;
use crate::samples::{OPERATION, operation, tenant};
use crate::server::{Reply, Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

/// Command line, request, its body, what the person reads.
const CHANGES: [[&str; 4]; 12] = [
    [
        "suspend acme --reason unpaid --note x",
        "POST /api/tenants/acme/suspend",
        r#"{"reason":"unpaid","note":"x"}"#,
        "acme is suspended (unpaid): https://acme.example.com",
    ],
    [
        "resume acme",
        "POST /api/tenants/acme/resume",
        "{}",
        "acme is suspended (unpaid)",
    ],
    [
        "resume acme --reason unpaid",
        "POST /api/tenants/acme/resume",
        r#"{"reason":"unpaid"}"#,
        "acme is suspended (unpaid)",
    ],
    [
        "suspend acme --form back-office",
        "POST /api/tenants/acme/suspend",
        r#"{"form":"back-office"}"#,
        "acme is suspended (unpaid)",
    ],
    [
        "pause acme",
        "POST /api/tenants/acme/pause",
        "",
        "acme is suspended",
    ],
    ["undelete acme", "POST /api/tenants/acme/undelete", "", "acme is"],
    [
        "update acme --plan pro",
        "PATCH /api/tenants/acme",
        r#"{"plan":"pro"}"#,
        "on plan basic.",
    ],
    [
        "rename acme zeta",
        "PATCH /api/tenants/acme",
        r#"{"subdomain":"zeta"}"#,
        "zeta is active",
    ],
    [
        "move acme --to beta --label ssd",
        "POST /api/tenants/acme/move",
        r#"{"node":"beta","node_labels":["ssd"]}"#,
        "confirm-move acme",
    ],
    [
        "confirm-move acme",
        "POST /api/tenants/acme/move/confirm",
        "",
        "its move left is gone.",
    ],
    [
        "delete acme --yes acme",
        "DELETE /api/tenants/acme?confirm=acme",
        "",
        "To bring it back",
    ],
    [
        "purge acme --yes acme",
        "POST /api/tenants/acme/purge",
        r#"{"confirm":"acme"}"#,
        "acme is gone.",
    ],
];

#[tokio::test]
async fn every_change_goes_where_the_api_has_it() {
    for [line, request, body, said] in CHANGES {
        let server = Server::start(|request, _| match request.line.as_str() {
            "GET /api/tenants/acme" => json(200, tenant("acme", "suspended").to_string()),
            "GET /api/tenants/zeta" => json(200, tenant("zeta", "active").to_string()),
            line if line.ends_with("/events") => Reply::Events(vec![operation("succeeded", "done")]),
            line if line.starts_with("GET") => json(200, operation("succeeded", "done")),
            _ => accepted("acme", "active"),
        })
        .await;
        let words: Vec<&str> = std::iter::once("tenant").chain(line.split(' ')).collect();
        let ended = Shell::of(&server).run(&words).await;
        assert_eq!(ended.exit, Exit::Done, "{line}: {}", ended.errors);
        let first = server.seen().remove(0);
        assert_eq!((first.line.as_str(), first.body.as_str()), (request, body));
        assert!(ended.output.contains(said), "{line}: {}", ended.output);
        assert_eq!(first.header("idempotency-key").len(), 36, "{line}");
    }
}

#[tokio::test]
async fn a_purged_tenant_is_gone_and_that_is_success() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "POST /api/tenants/acme/purge" => accepted("acme", "deleted"),
        "GET /api/tenants/acme" => json(404, crate::samples::problem(404)),
        line if line.ends_with("/events") => Reply::Events(vec![operation("succeeded", "done")]),
        _ => json(200, operation("succeeded", "done")),
    })
    .await;
    let ended = Shell::of(&server)
        .run(&["tenant", "purge", "acme", "--yes", "acme"])
        .await;
    assert_eq!(
        (ended.exit, ended.output.as_str()),
        (Exit::Done, "acme is gone.\n"),
        "{}",
        ended.errors
    );
    let ended = Shell::of(&server)
        .run(&["tenant", "purge", "acme", "--yes", "acme", "--json"])
        .await;
    assert_eq!(ended.output, format!("{}\n", operation("succeeded", "done")));
}

#[tokio::test]
async fn a_template_is_built_and_watched() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "POST /api/templates" => json(202, operation("queued", "running")),
        line if line.ends_with("/events") => Reply::Events(vec![operation("succeeded", "done")]),
        _ => json(200, operation("succeeded", "done")),
    })
    .await;
    let ended = Shell::of(&server)
        .run(&["template", "build", "--modules", "web,mail", "--quiet"])
        .await;
    assert_eq!(
        (ended.output.as_str(), ended.errors.as_str()),
        ("Template acme is ready on node node-1.\n", "")
    );
    assert_eq!(
        server.seen()[0].body,
        value!({"modules": ["web", "mail"]}).to_string()
    );
}

#[tokio::test]
async fn watching_a_failed_operation_prints_it_and_fails() {
    let server = Server::start(|request, _| match request.line.ends_with("/events") {
        true => Reply::Events(vec![operation("failed", "failed")]),
        false => json(200, operation("failed", "failed")),
    })
    .await;
    let ended = Shell::of(&server)
        .run(&["operation", "watch", OPERATION, "--json"])
        .await;
    assert_eq!(
        (ended.exit, ended.output),
        (
            Exit::OperationFailed,
            format!("{}\n", operation("failed", "failed"))
        )
    );
}

#[tokio::test]
async fn secrets_are_shown_once_and_alone() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "POST /api/nodes/tokens" => json(
            201,
            "{\"token\":\"enr_x\",\"expires_at\":\"2026-08-05T14:30:00Z\"}",
        ),
        _ => {
            let keys: Value = serde_json::from_str(&crate::samples::keys()).unwrap();
            let mut key = keys[1].clone();
            key["secret"] = value!("tnt_new_secret");
            json(201, key.to_string())
        }
    })
    .await;
    let ended = Shell::of(&server).run(&["node", "token", "node-2"]).await;
    assert_eq!(ended.output, "enr_x\n");
    assert!(
        ended.errors.contains("until 2026-08-05 10:30"),
        "{}",
        ended.errors
    );
    let ended = Shell::of(&server)
        .run(&[
            "key",
            "create",
            "ci",
            "--role",
            "viewer",
            "--read-only",
            "--quiet",
        ])
        .await;
    assert_eq!(
        (ended.output.as_str(), ended.errors.as_str()),
        ("tnt_new_secret\n", "")
    );
    let sent: serde_json::Value = serde_json::from_str(&server.seen()[1].body).expect("JSON");
    assert_eq!(sent, value!({"name": "ci", "role": "viewer", "read_only": true}));
}

#[tokio::test]
async fn an_operation_that_failed_while_the_server_waited_is_the_same_failure() {
    let server = Server::start(|_, _| {
        let problem = value!({ "type": "/problems/operation-failed", "title": "x", "status": 502,
                               "detail": "The disk is full.", "operation": OPERATION });
        json(502, problem.to_string())
    })
    .await;
    let ended = Shell::of(&server).run(&["tenant", "resume", "acme"]).await;
    assert_eq!(ended.exit, Exit::OperationFailed);
    assert!(
        ended
            .errors
            .contains(&format!("tenantry operation show {OPERATION}")),
        "{}",
        ended.errors
    );
}
