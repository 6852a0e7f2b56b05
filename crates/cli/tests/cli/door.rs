//! Settings and blocks: where the commands go and what they print.

use crate::server::{Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

fn setting(number: i64) -> Value {
    value!({ "key": "limits.per_key", "value": number, "default": 12000, "description": "Requests a minute.",
        "category": "limits", "type": "number", "least": 0, "most": 100, "is_secret": false, "is_editable": true })
}

fn block(lifted: Value) -> Value {
    value!({ "id": "blk_00000000000000000000000000000001", "rule": "traversal", "address": "192.0.2.1", "refused": true,
        "method": "GET", "path": "/..%2f", "agent": "curl", "request_id": "0", "count": 3,
        "first_at": "2026-11-22T10:00:00Z", "last_at": "2026-11-22T11:00:00Z", "lifted_until": lifted })
}

#[tokio::test]
async fn every_command_goes_where_the_api_has_it() {
    for (line, request, body, said) in [
        ("settings list", "GET /api/settings", "", "limits.per_key"),
        (
            "settings list --category limits",
            "GET /api/settings?category=limits",
            "",
            "0 to 100",
        ),
        (
            "settings get limits.per_key",
            "GET /api/settings/limits.per_key",
            "",
            "limits.per_key = 5",
        ),
        (
            "settings set limits.per_key 5",
            "PUT /api/settings/limits.per_key",
            r#"{"value":"5"}"#,
            "limits.per_key = 5",
        ),
        (
            "settings reset limits.per_key",
            "DELETE /api/settings/limits.per_key",
            "",
            "limits.per_key = 5",
        ),
        (
            "settings history limits.per_key --limit 2",
            "GET /api/settings/limits.per_key/history?limit=2",
            "",
            "(default)",
        ),
        (
            "security blocks --rule traversal --address 192.0.2.1",
            "GET /api/security/blocks?rule=traversal&address=192.0.2.1&limit=50",
            "",
            "refused",
        ),
        (
            "security show blk_1",
            "GET /api/security/blocks/blk_1",
            "",
            "3 times",
        ),
        (
            "security lift blk_1",
            "DELETE /api/security/blocks/blk_1",
            "",
            "traversal is not applied to 192.0.2.1 until",
        ),
    ] {
        let server = Server::start(|request, _| {
            let line = request.line.as_str();
            let answer = if line.contains("/history") {
                value!({ "items": [{ "at": "2026-11-22T10:00:00Z", "actor": "key_1", "after": 5 }] })
            } else if line.contains("/blocks/") {
                block(value!("2026-12-22T10:00:00Z"))
            } else if line.contains("/blocks") {
                value!({ "items": [block(Value::Null)] })
            } else if line.contains("/settings/") {
                setting(5)
            } else {
                value!({ "configs": [setting(5)], "by_category": {}, "total": 1 })
            };
            json(200, answer.to_string())
        })
        .await;
        let words: Vec<&str> = line.split(' ').collect();
        let ended = Shell::of(&server).run(&words).await;
        assert_eq!(ended.exit, Exit::Done, "{line}: {}", ended.errors);
        assert!(ended.output.contains(said), "{line}: {}", ended.output);
        let seen = server.seen();
        assert_eq!(seen[0].line, request, "{line}");
        assert_eq!(seen[0].body, body, "{line}");
    }
}
