//! The audit trail: where the commands go, and the check of a file without any server.

use crate::server::{Reply, Server, json};
use crate::shell::Shell;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use cli::Exit;
use domain::chain::{Hash, day_statement, entry_statement, link, start};
use serde_json::{Value, json as value};
use wire::audit::{ChainLine, day_of};

fn entry() -> Value {
    value!({ "id": 7, "at": "2026-11-29T10:00:00Z", "action": "tenant.suspend", "title": "Tenant suspended: begun",
        "outcome": "begun", "subject": "acme", "actor": "per_1", "role": "staff:owner", "address": "192.0.2.1",
        "reason": "unpaid", "sealed": { "day": "2026-11-29", "number": 3, "hash": "00ff" } })
}

#[tokio::test]
async fn every_command_goes_where_the_api_has_it() {
    for (line, request, said) in [
        (
            "audit list --tenant acme --outcome refused --from 2026-11-01 --sort -at",
            "GET /api/audit?tenant=acme&outcome=refused&sort=-at&from=2026-11-01",
            "Tenant suspended: begun",
        ),
        ("audit show 7", "GET /api/audit/7", "2026-11-29 as number 3, 00ff"),
        ("audit actions", "GET /api/audit/actions", "tenant.suspend"),
        (
            "audit export --csv - --action tenant.*",
            "GET /api/audit/export?action=tenant.*",
            "id,at",
        ),
        (
            "audit export --chain - --to 2026-11-30",
            "GET /api/audit/chain?to=2026-11-30",
            "id,at",
        ),
        ("audit keys", "GET /api/audit/keys", "00ff key1 made"),
        (
            "audit verify",
            "GET /api/audit/verification",
            "2 days with 9 entries are as they were sealed.",
        ),
    ] {
        let server = Server::start(|request, _| {
            let line = request.line.as_str();
            let answer = if line.contains("/export") || line.contains("/chain") {
                return Reply::Answer(200, Vec::new(), "id,at\n".to_owned());
            } else if line.contains("/actions") {
                value!({ "items": [{ "action": "tenant.suspend", "title": "Suspended", "outcome": "begun" }] })
            } else if line.contains("/keys") {
                value!({ "items": [{ "id": "key1", "public_key": "00ff", "created_at": "2026-11-29T10:00:00Z", "signs": true }] })
            } else if line.contains("/verification") {
                value!({ "whole": true, "days": 2, "entries": 9, "unsealed": 0, "found": 0, "findings": [] })
            } else if line.contains("/audit/7") {
                entry()
            } else {
                value!({ "items": [entry()], "total": 1, "total_is_exact": true, "next_cursor": null })
            };
            json(200, answer.to_string())
        })
        .await;
        let words: Vec<&str> = line.split(' ').collect();
        let ended = Shell::of(&server).run(&words).await;
        assert_eq!(ended.exit, Exit::Done, "{line}: {}", ended.errors);
        assert!(ended.output.contains(said), "{line}: {}", ended.output);
        assert_eq!(server.lines(), [request], "{line}");
    }
}

#[tokio::test]
async fn what_the_server_finds_is_told_and_the_exit_code_says_so() {
    let server = Server::start(|_, _| {
        let finding = value!({ "day": "2026-11-29", "number": 4, "broken": "missing", "detail": "number 4 is gone" });
        let answer = value!({ "whole": false, "days": 1, "entries": 3, "unsealed": 0, "found": 1, "findings": [finding] });
        json(200, answer.to_string())
    })
    .await;
    let ended = Shell::of(&server).run(&["audit", "verify"]).await;
    assert_eq!(ended.exit, Exit::Broken);
    assert!(ended.output.contains("number 4 is gone"), "{}", ended.output);
    assert!(ended.errors.contains("not whole"), "{}", ended.errors);
}

/// A file of one day with three entries and a day that goes on with none, and the key that signed it.
fn chain() -> (Vec<String>, String) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let sign = |statement: &str| hex(pair.sign(statement.as_bytes()).as_ref());
    let (first, second) = (
        day_of("2026-11-28".parse().unwrap()),
        day_of("2026-11-29".parse().unwrap()),
    );
    let mut lines = vec![
        ChainLine::first("2026-11-29T10:00:00Z".parse().unwrap()),
        ChainLine::Day {
            day: first.text.clone(),
            before: Hash::ZERO.to_string(),
        },
    ];
    let mut hash = start(&first, Hash::ZERO);
    for number in 1..=3 {
        let content = format!("{{\"id\":{number},\"subject\":\"acme\"}}");
        hash = link(hash, &content);
        lines.push(ChainLine::Entry {
            number,
            entry: 100 + number,
            content,
            hash: hash.to_string(),
            signature: Some(sign(&entry_statement(&first, number, hash))),
        });
    }
    lines.push(ChainLine::End {
        entries: 3,
        last: hash.to_string(),
        signature: sign(&day_statement(&first, 3, hash, Hash::ZERO)),
        dropped_at: None,
        drop_signature: None,
    });
    lines.push(ChainLine::Day {
        day: second.text,
        before: hash.to_string(),
    });
    lines.extend([ChainLine::Open, ChainLine::Done]);
    let lines = lines
        .iter()
        .map(|line| serde_json::to_string(line).unwrap())
        .collect();
    (lines, hex(pair.public_key().as_ref()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A change of the lines, and what a check says then.
type Tampering = (fn(&mut Vec<String>), Exit, &'static str);

#[tokio::test]
async fn a_file_is_checked_without_server_and_key_and_each_change_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chain.ndjson");
    let (whole, key) = chain();
    let changes: [Tampering; 8] = [
        (
            |_| {},
            Exit::Done,
            "2 days with 3 entries are as they were sealed.",
        ),
        (
            |lines| lines[3] = lines[3].replace("acme", "acne"),
            Exit::Broken,
            "entry 102 (number 2) does not say",
        ),
        (
            |lines| drop(lines.remove(3)),
            Exit::Broken,
            "the entry with number 2 was sealed and is not there",
        ),
        (|lines| lines.swap(2, 3), Exit::Broken, "2026-11-28"),
        (
            |lines| drop(lines.remove(4)),
            Exit::Broken,
            "the entry with number 3 was sealed and is not there",
        ),
        (
            |lines| lines[5] = lines[5].replace("\"entries\":3", "\"entries\":4"),
            Exit::Broken,
            "the head is not signed",
        ),
        (|lines| drop(lines.pop()), Exit::Usage, "was cut off"),
        (|lines| lines[4].push('x'), Exit::Usage, "line 5 cannot be read"),
    ];
    for (number, (change, exit, said)) in changes.into_iter().enumerate() {
        let mut lines = whole.clone();
        change(&mut lines);
        std::fs::write(&file, format!("{}\n", lines.join("\n"))).unwrap();
        let words = ["audit", "verify", file.to_str().unwrap(), "--key", &key];
        let ended = Shell::empty().run(&words).await;
        assert_eq!(ended.exit, exit, "{number}: {}{}", ended.output, ended.errors);
        let told = format!("{}{}", ended.output, ended.errors);
        assert!(told.contains(said), "{number}: {told}");
    }
    std::fs::write(&file, format!("{}\n", whole.join("\n"))).unwrap();
    // The key in a file, as it was printed; another's; and for a machine.
    let keys = folder.path().join("audit.pub");
    std::fs::write(&keys, format!("{key} key1 made 2026-11-29T10:00:00Z\n")).unwrap();
    let (file, keys) = (file.to_str().unwrap(), keys.to_str().unwrap());
    let ended = Shell::empty()
        .run(&["audit", "verify", file, "--key", keys, "--json"])
        .await;
    assert_eq!(
        (
            ended.exit,
            serde_json::from_str::<Value>(&ended.output).unwrap()["whole"] == true
        ),
        (Exit::Done, true)
    );
    let other = "0".repeat(64);
    let ended = Shell::empty()
        .run(&["audit", "verify", file, "--key", &other])
        .await;
    assert_eq!(ended.exit, Exit::Broken);
}
