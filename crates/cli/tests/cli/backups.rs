//! `tenantry backup list` and `show`.

use crate::samples::OPERATION;
use crate::server::{Received, Reply, Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

fn id(number: u8) -> String {
    format!("bak_{number:032x}")
}

/// One that was begun at half past ten and holds what was there an hour later, by the shell's clock.
fn backup(number: u8) -> Value {
    value!({
        "id": id(number), "subdomain": "acme", "tenant": "ten_0198c0ffee0000000000000000000001", "store": "local",
        "node": "node-1", "kind": "scheduled", "state": "kept", "by": "system", "operation": OPERATION,
        "begun_at": "2026-08-05T14:30:00Z", "taken_at": "2026-08-05T15:31:00Z", "held": false,
        "content": {
            "database_bytes": 1000, "files": 2, "file_bytes": 20, "files_missing": 3, "new_files": 1, "stored_bytes": 500,
            "rows": {}, "milliseconds": 1500,
        },
        "proof": { "at": "2026-08-05T16:00:00Z", "restored": true, "rows": 4, "files": 2, "milliseconds": 2500 },
        "a_field_of_a_newer_server": 1,
    })
}

/// Three of them, two on the first page.
fn pages(request: &Received, _: usize) -> Reply {
    let items = match request.line.contains("before=") {
        false => vec![backup(3), backup(2)],
        true => vec![backup(1)],
    };
    json(200, value!({ "items": items }).to_string())
}

#[tokio::test]
async fn a_full_page_says_how_to_go_on() {
    let server = Server::start(pages).await;
    let line = ["backup", "list", "--tenant", "acme", "--limit", "2"];
    let ended = Shell::of(&server).run(&line).await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    assert!(ended.output.contains(&id(2)), "{}", ended.output);
    assert!(!ended.output.contains(&id(1)), "{}", ended.output);
    assert!(ended.output.contains("2026-08-05 11:31"), "{}", ended.output);
    let hint = format!(
        "2 are shown. Older ones, if there are any: --before {}; --all shows every one.\n",
        id(2)
    );
    assert_eq!(ended.errors, hint);
    assert_eq!(server.lines(), ["GET /api/backups?subdomain=acme&limit=2"]);
    let (before, server) = (id(2), Server::start(pages).await);
    let line = ["backup", "list", "--limit", "2", "--before", &before];
    let ended = Shell::of(&server).run(&line).await;
    assert!(ended.output.contains(&id(1)), "{}", ended.output);
    assert_eq!(ended.errors, "");
}

#[tokio::test]
async fn all_pages_are_one_table_or_one_document() {
    let server = Server::start(pages).await;
    let line = ["backup", "list", "--limit", "2", "--all"];
    let ended = Shell::of(&server).run(&line).await;
    for number in 1..=3 {
        assert!(ended.output.contains(&id(number)), "{}", ended.output);
    }
    assert_eq!(ended.errors, "");
    let second = format!("GET /api/backups?before={}&limit=2", id(2));
    assert_eq!(server.lines(), ["GET /api/backups?limit=2".to_owned(), second]);
    let line = ["backup", "list", "--limit", "2", "--all", "--json"];
    let ended = Shell::of(&server).run(&line).await;
    let document: Value = serde_json::from_str(&ended.output).unwrap();
    assert_eq!(document, value!({ "items": [backup(3), backup(2), backup(1)] }));
}

#[tokio::test]
async fn what_a_backup_lacks_is_said() {
    let server = Server::start(|_, _| json(200, backup(1).to_string())).await;
    let ended = Shell::of(&server).run(&["backup", "show", &id(1)]).await;
    for said in [
        "taken 2026-08-05 11:31",
        "warning: files that the database names and that were not there: 3",
        "its login page was not looked at: Odoo did not answer there",
    ] {
        assert!(ended.output.contains(said), "{}", ended.output);
    }
    let server = Server::start(|_, _| {
        let mut whole = backup(1);
        whole["content"]["files_missing"] = value!(0);
        whole["proof"]["login_status"] = value!(200);
        json(200, whole.to_string())
    })
    .await;
    let ended = Shell::of(&server).run(&["backup", "show", &id(1)]).await;
    assert!(!ended.output.contains("not there"), "{}", ended.output);
    assert!(!ended.output.contains("not looked at"), "{}", ended.output);
}
