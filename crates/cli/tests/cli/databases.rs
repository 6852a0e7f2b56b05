//! `tenantry db`: where each command goes and what people read.

use crate::samples::operation;
use crate::server::{Server, json};
use crate::shell::Shell;
use cli::Exit;
use serde_json::{Value, json as value};

/// An operation that looked after a database, ended.
fn maintained() -> String {
    let mut ended: Value = serde_json::from_str(&operation("succeeded", "done")).unwrap();
    ended["facts"] = value!({ "maintained": {
        "tables": 480, "passed_over": ["mail_message"], "bytes_before": 2_000_000, "bytes_after": 1_000_000,
        "dead_before": 90, "dead_after": 3, "milliseconds": 4_250,
    } });
    ended.to_string()
}

#[tokio::test]
async fn every_change_of_a_database_goes_where_the_api_has_it() {
    for (line, path, body) in [
        (
            "vacuum acme",
            "maintenance",
            r#"{"work":"vacuum","table":null,"confirm":null,"force":null}"#,
        ),
        (
            "vacuum acme --analyze --table res_partner",
            "maintenance",
            r#"{"work":"vacuum-analyze","table":"res_partner","confirm":null,"force":null}"#,
        ),
        (
            "vacuum acme --full --force --yes acme",
            "maintenance",
            r#"{"work":"vacuum-full","table":null,"confirm":"acme","force":true}"#,
        ),
        (
            "analyze acme",
            "maintenance",
            r#"{"work":"analyze","table":null,"confirm":null,"force":null}"#,
        ),
        (
            "reindex acme",
            "maintenance",
            r#"{"work":"reindex","table":null,"confirm":null,"force":null}"#,
        ),
        (
            "terminate acme 4711 2026-11-29T10:00:00.123456Z",
            "terminate",
            r#"{"pid":4711,"started_at":"2026-11-29T10:00:00.123456Z"}"#,
        ),
    ] {
        let server = Server::start(|_, _| json(200, maintained())).await;
        let words: Vec<&str> = std::iter::once("db").chain(line.split(' ')).collect();
        let ended = Shell::of(&server).run(&words).await;
        assert_eq!(ended.exit, Exit::Done, "{line}: {}", ended.errors);
        let first = server.seen().remove(0);
        assert_eq!(first.line, format!("POST /api/tenants/acme/database/{path}"));
        let (sent, wanted): (Value, Value) = (
            serde_json::from_str(&first.body).unwrap(),
            serde_json::from_str(body).unwrap(),
        );
        let without_nulls = |value: &Value| {
            let mut map = value.as_object().unwrap().clone();
            map.retain(|_, value| !value.is_null());
            map
        };
        assert_eq!(without_nulls(&sent), without_nulls(&wanted), "{line}");
        assert!(
            ended.output.contains("480 tables in 4.2 s"),
            "{line}: {}",
            ended.output
        );
        assert!(
            ended.output.contains("Passed over, being held: mail_message."),
            "{}",
            ended.output
        );
    }
}

#[tokio::test]
async fn a_name_that_is_not_typed_keeps_tables_open() {
    let server = Server::start(|_, _| json(200, maintained())).await;
    let ended = Shell::of(&server)
        .run(&["db", "vacuum", "acme", "--full", "--yes", "other"])
        .await;
    assert_ne!(ended.exit, Exit::Done);
    assert_eq!(server.lines(), [""; 0]);
}

#[tokio::test]
async fn what_is_seen_is_told_as_tables() {
    let server = Server::start(|request, _| {
        json(
            200,
            match request.line.as_str() {
                "GET /api/tenants/acme/database" => value!({ "limit_bytes": 5_000_000, "points": [
                    { "at": "2026-11-29T10:00:00Z", "database_bytes": 27_500_000, "file_bytes": 512 },
                    { "at": "2026-11-29T11:00:00Z", "database_bytes": 27_500_000 }] }),
                "GET /api/databases/size" => value!({ "tenants": 3, "database_bytes": 27_500_000, "file_bytes": 512, "days": [] }),
                "GET /api/tenants/acme/database/tables" => value!({ "database_bytes": 1, "tables": 1, "items": [{
                    "name": "res_partner", "rows": 1200, "dead_rows": 7, "heap_bytes": 1, "index_bytes": 2, "toast_bytes": 3,
                    "total_bytes": 27_500_000, "sequential_scans": 1, "index_scans": 2 }] }),
                "GET /api/tenants/acme/database/connections" => value!({ "most": 100, "in_cluster": 3, "items": [{
                    "pid": 4711, "started_at": "2026-11-29T10:00:00.123456Z", "user": "odoo", "state": "idle", "query": "SELECT ?",
                    "may_end": true }] }),
                "GET /api/tenants/acme/database/hints" => value!({ "items": [{ "kind": "bloat", "table": "worn", "bytes": 27_500_000, "count": 90 }] }),
                _ => value!({ "available": false, "items": [] }),
            }
            .to_string(),
        )
    })
    .await;
    for (line, told) in [
        ("size acme", "26.2 MiB"),
        ("size", "Nobody has measured anything yet."),
        ("tables acme", "res_partner"),
        ("connections acme", "2026-11-29T10:00:00.123456Z"),
        ("hints acme", "90 % of the table is lost room"),
        ("statements acme", "the extension pg_stat_statements is not there"),
    ] {
        let words: Vec<&str> = std::iter::once("db").chain(line.split(' ')).collect();
        let ended = Shell::of(&server).run(&words).await;
        assert_eq!(ended.exit, Exit::Done, "{line}: {}", ended.errors);
        assert!(ended.output.contains(told), "{line}: {}", ended.output);
    }
}
