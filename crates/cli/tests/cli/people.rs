//! `tenantry user …` and the keys that are narrow or replaced.

use crate::samples::{keys, problem};
use crate::server::{Received, Reply, Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

const LINK: &str = "https://panel.example.com/invitation#0123";

fn person(state: &str) -> String {
    value!({
        "id": "per_1", "email": "ana@example.com", "name": "Ana", "role": "operator", "state": state,
        "created_at": "2026-08-05T14:30:00Z", "disabled_at": null,
    })
    .to_string()
}

fn answers(request: &Received, _: usize) -> Reply {
    match request.line.as_str() {
        "POST /api/people/invitations" | "POST /api/people/ana@example.com/reset" => json(
            201,
            value!({ "link": LINK, "email": "ana@example.com", "expires_at": "2026-08-12T14:30:00Z" })
                .to_string(),
        ),
        "GET /api/people" => json(
            200,
            value!({
                "items": [serde_json::from_str::<Value>(&person("active")).unwrap()],
                "invitations": [{ "email": "eva@example.com", "role": "viewer", "created_by": "per_1",
                    "created_at": "2026-08-05T14:30:00Z", "expires_at": "2026-08-12T14:30:00Z" }],
            })
            .to_string(),
        ),
        "DELETE /api/people/ana@example.com/second-factors" => json(204, String::new()),
        "GET /api/people/ana@example.com" => json(200, person("active")),
        "PATCH /api/people/ana@example.com" => json(200, person("disabled")),
        _ => json(404, problem(404)),
    }
}

#[tokio::test]
async fn a_link_stands_alone_on_standard_output_and_whom_to_give_it_to_beside_it() {
    let server = Server::start(answers).await;
    for line in [
        vec!["user", "invite", "ana@example.com", "--role", "operator"],
        vec!["user", "reset", "ana@example.com"],
    ] {
        let ended = Shell::of(&server).run(&line).await;
        assert_eq!(
            (ended.exit, ended.output),
            (Exit::Done, format!("{LINK}\n")),
            "{line:?}"
        );
        assert!(
            ended.errors.contains("Hand this link to ana@example.com"),
            "{}",
            ended.errors
        );
    }
    let sent: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(sent, value!({ "email": "ana@example.com", "role": "operator" }));
}

#[tokio::test]
async fn people_are_listed_with_the_invited_and_shown() {
    let server = Server::start(answers).await;
    let ended = Shell::of(&server).run(&["user", "list"]).await;
    for word in ["ana@example.com", "operator", "eva@example.com", "invited"] {
        assert!(
            ended.output.contains(word),
            "{word}: {}{}",
            ended.output,
            ended.errors
        );
    }
    let ended = Shell::of(&server).run(&["user", "show", "ana@example.com"]).await;
    assert_eq!(ended.output, "ana@example.com (Ana): operator, active\n");
    let ended = Shell::of(&server)
        .run(&["user", "show", "nobody@example.com"])
        .await;
    assert_eq!(ended.exit, Exit::NotFound);
}

#[tokio::test]
async fn nobody_is_shut_out_without_the_address_again() {
    let server = Server::start(answers).await;
    let ended = Shell::of(&server)
        .run(&["user", "disable", "ana@example.com", "--yes", "eva@example.com"])
        .await;
    assert_eq!((ended.exit, server.seen().len()), (Exit::Refused, 0));
    let ended = Shell::of(&server)
        .run(&["user", "disable", "ana@example.com", "--yes", "ana@example.com"])
        .await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    Shell::of(&server)
        .run(&["user", "role", "ana@example.com", "admin"])
        .await;
    Shell::of(&server)
        .run(&["user", "enable", "ana@example.com"])
        .await;
    let sent: Vec<Value> = server
        .seen()
        .iter()
        .map(|seen| serde_json::from_str(&seen.body).unwrap())
        .collect();
    let expected = [
        value!({ "state": "disabled" }),
        value!({ "role": "admin" }),
        value!({ "state": "active" }),
    ];
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn nobody_loses_their_second_factors_without_the_address_again() {
    let server = Server::start(answers).await;
    let line = ["user", "reset-factors", "ana@example.com", "--yes"];
    let ended = Shell::of(&server)
        .run(&[&line[..], &["eva@example.com"]].concat())
        .await;
    assert_eq!((ended.exit, server.seen().len()), (Exit::Refused, 0));
    let ended = Shell::of(&server)
        .run(&[&line[..], &["ana@example.com"]].concat())
        .await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    assert!(
        ended.output.contains("no second factor any more"),
        "{}",
        ended.output
    );
    assert_eq!(
        server.seen()[0].line,
        "DELETE /api/people/ana@example.com/second-factors"
    );
}

#[tokio::test]
async fn a_key_is_made_narrow_and_the_one_in_force_is_rotated() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "GET /api/keys" => json(200, keys()),
        "POST /api/keys" | "POST /api/keys/key_new/rotate" => {
            let keys: Value = serde_json::from_str(&keys()).unwrap();
            let mut key = keys[1].clone();
            key["secret"] = value!("tnt_new_secret");
            json(201, key.to_string())
        }
        _ => json(404, problem(404)),
    })
    .await;
    let line = [
        "key",
        "create",
        "erp",
        "--role",
        "member",
        "--read-only",
        "--organization",
        "org_1",
        "--tenant",
        "acme",
        "--tenant",
        "beta",
        "--expires",
        "90",
        "--quiet",
    ];
    let ended = Shell::of(&server).run(&line).await;
    assert_eq!(
        (ended.output.as_str(), ended.errors.as_str()),
        ("tnt_new_secret\n", "")
    );
    let ended = Shell::of(&server)
        .run(&["key", "rotate", "billing", "--overlap", "2", "--quiet"])
        .await;
    assert_eq!(ended.output, "tnt_new_secret\n", "{}", ended.errors);
    let sent = |place: usize| serde_json::from_str::<Value>(&server.seen()[place].body).unwrap();
    let expected = value!({
        "name": "erp", "role": "member", "read_only": true, "organizations": ["org_1"],
        "tenants": ["acme", "beta"], "expires_in_days": 90,
    });
    assert_eq!((sent(0), sent(2)), (expected, value!({ "overlap_hours": 2 })));
}
