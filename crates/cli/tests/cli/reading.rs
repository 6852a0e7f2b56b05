//! Commands that only read: tables, JSON as it was sent, CSV, pages, errors and their exit codes.

use crate::samples::{OPERATION, keys, operation, page, problem, tenant};
use crate::server::{Reply, Server, json};
use crate::shell::{KEY, Shell};
use cli::Exit;
use serde_json::{Value, json as value};

#[tokio::test]
async fn each_class_of_answer_has_its_exit_code() {
    for (status, exit) in [
        (404, Exit::NotFound),
        (410, Exit::NotFound),
        (400, Exit::Refused),
        (422, Exit::Refused),
        (429, Exit::Refused),
        (409, Exit::Conflict),
        (412, Exit::Conflict),
        (401, Exit::NotAllowed),
        (403, Exit::NotAllowed),
        (500, Exit::Unexpected),
        (503, Exit::NotReachable),
        (302, Exit::Unexpected),
    ] {
        let server = Server::start(move |_, _| json(status, problem(status))).await;
        let ended = Shell::of(&server).run(&["tenant", "show", "acme"]).await;
        assert_eq!(
            (ended.exit, ended.output.as_str()),
            (exit, ""),
            "{status}: {}",
            ended.errors
        );
    }
}

#[tokio::test]
async fn a_problem_is_told_with_its_fields_and_to_machines_as_it_was_sent() {
    let server = Server::start(|_, _| json(422, problem(422))).await;
    let ended = Shell::of(&server).run(&["tenant", "show", "acme"]).await;
    assert_eq!(
        ended.errors,
        "error: La solicitud no es válida.\n  subdomain: es una palabra reservada\n"
    );
    let ended = Shell::of(&server)
        .run(&["tenant", "show", "acme", "--json"])
        .await;
    assert_eq!(
        (ended.output.as_str(), ended.errors),
        ("", format!("{}\n", problem(422)))
    );
}

#[tokio::test]
async fn a_page_of_a_proxy_is_told_by_its_status() {
    let server = Server::start(|_, _| json(502, "<html>Bad Gateway</html>")).await;
    let ended = Shell::of(&server)
        .run(&["tenant", "show", "acme", "--json"])
        .await;
    let told: Value = serde_json::from_str(&ended.errors).unwrap();
    assert_eq!((ended.exit, &told["status"]), (Exit::NotReachable, &value!(502)));
    let server = Server::start(|_, _| json(200, "<html>Hello</html>")).await;
    let ended = Shell::of(&server).run(&["tenant", "show", "acme"]).await;
    assert_eq!(ended.exit, Exit::Unexpected);
    assert!(ended.errors.contains("not Tenantry's API"), "{}", ended.errors);
}

#[tokio::test]
async fn json_is_exactly_what_the_server_sent() {
    let body = format!(
        "{}\n",
        serde_json::to_string_pretty(&tenant("acme", "active")).unwrap()
    );
    let sent = body.clone();
    let server = Server::start(move |_, _| json(200, sent.clone())).await;
    let shell = Shell::of(&server).with("LANG", "es_DO.UTF-8");
    let ended = shell.run(&["tenant", "--json", "show", "acme"]).await;
    assert_eq!(
        (ended.exit, ended.output, ended.errors.as_str()),
        (Exit::Done, body, "")
    );
    let request = server.seen().remove(0);
    assert_eq!(request.line, "GET /api/tenants/acme");
    assert_eq!(
        [request.header("x-api-key"), request.header("accept-language")],
        [KEY, "es"]
    );
    assert_eq!(request.header("idempotency-key"), "");
}

#[tokio::test]
async fn a_table_fits_the_terminal_and_shows_local_times() {
    let body = page(&["acme", "zeta"], 7, Some("c2"));
    let server = Server::start(move |_, _| json(200, body.clone())).await;
    let line = [
        "tenant",
        "list",
        "--state",
        "active",
        "--search",
        "a&b",
        "--sort",
        "-subdomain",
        "--limit",
        "2",
    ];
    let ended = Shell::of(&server).width(100).run(&line).await;
    assert_eq!(ended.exit, Exit::Done);
    assert!(
        ended.output.contains("acme") && ended.output.contains("2026-08-05"),
        "{}",
        ended.output
    );
    assert!(
        ended.output.lines().all(|line| line.chars().count() <= 100),
        "{}",
        ended.output
    );
    assert_eq!(ended.errors, "2 of 7; --all shows the others too.\n");
    let query = "state=active&search=a%26b&sort=-subdomain&limit=2";
    assert_eq!(server.lines(), [format!("GET /api/tenants?{query}")]);
    let ended = Shell::of(&server).run(&["tenant", "list"]).await;
    assert!(ended.output.contains("2026-08-05 10:30"), "{}", ended.output);
}

#[tokio::test]
async fn all_pages_become_one_document() {
    let server = Server::start(|request, _| match request.line.contains("cursor=c2") {
        false => json(200, page(&["acme"], 2, Some("c2"))),
        true => json(200, page(&["zeta"], 2, None)),
    })
    .await;
    let ended = Shell::of(&server)
        .run(&["tenant", "list", "--all", "--json"])
        .await;
    let document: Value = serde_json::from_str(&ended.output).unwrap();
    let names: Vec<&Value> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["subdomain"])
        .collect();
    assert_eq!(names, ["acme", "zeta"]);
    assert_eq!(
        (&document["total"], &document["next_cursor"]),
        (&value!(2), &Value::Null)
    );
    assert_eq!(document["items"][0]["a_field_of_a_newer_server"], 1);
    assert_eq!(
        server.lines(),
        [
            "GET /api/tenants?limit=200",
            "GET /api/tenants?limit=200&cursor=c2"
        ]
    );
}

#[tokio::test]
async fn csv_holds_no_formula() {
    let mut evil = tenant("acme", "suspended");
    evil["company_name"] = value!("=HYPERLINK(\"http://x\")");
    let body = value!({ "items": [evil], "total": 1, "next_cursor": null }).to_string();
    let server = Server::start(move |_, _| json(200, body.clone())).await;
    let ended = Shell::of(&server).run(&["tenant", "list", "--csv"]).await;
    let lines: Vec<&str> = ended.output.lines().collect();
    assert!(
        lines[0].starts_with("id,subdomain,company_name,admin_email,plan,"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].contains(",acme,\"'=HYPERLINK(\"\"http://x\"\")\",ana@example.com,"),
        "{}",
        lines[1]
    );
    assert!(lines[1].contains(",suspended,unpaid,node-1,") && lines[1].contains("2026-08-05T14:30:00Z"));
    let ended = Shell::of(&server)
        .run(&["tenant", "list", "--csv", "--json"])
        .await;
    assert_eq!(ended.exit, Exit::Usage);
}

#[tokio::test]
async fn a_name_cannot_command_the_terminal() {
    let mut evil = tenant("acme", "active");
    evil["company_name"] = value!("Ac\u{1b}]0;owned\u{7}me");
    let server = Server::start(move |_, _| json(200, evil.to_string())).await;
    let ended = Shell::of(&server).run(&["tenant", "show", "acme"]).await;
    assert!(
        ended.output.contains("Ac\u{fffd}]0;owned\u{fffd}me"),
        "{}",
        ended.output
    );
}

#[tokio::test]
async fn the_other_lists_are_tables_too() {
    let answers = |request: &crate::server::Received, _: usize| match request.line.as_str() {
        "GET /api/keys" => json(200, keys()),
        "GET /api/nodes" => json(200, "{\"items\":[],\"total\":0}"),
        "GET /api/nodes/node-1" => json(
            200,
            "{\"id\":\"nod_1\",\"name\":\"node-1\",\"state\":\"online\",\"domain\":\"example.com\",\"version\":\"0.1.0\",\
             \"tenants\":3,\"enrolled_at\":\"2026-08-05T14:30:00Z\",\"last_seen_at\":null,\"observed_at\":null,\
             \"pools\":[{\"template\":\"shop\",\"wanted\":3,\"ready\":2,\"hits\":7,\"misses\":1,\"discarded\":0}],\
             \"unmanaged\":[{\"database\":\"old_shop\",\"owner\":\"odoo\",\"size_bytes\":1}],\"edge_digest\":null}",
        ),
        "GET /api/templates" => json(
            200,
            "[{\"id\":\"tpl_1\",\"name\":\"template_tenant\",\"node\":\"node-1\",\"product\":\"odoo\",\
             \"state\":\"ready\",\"odoo_version\":\"19.0\",\"modules\":[\"web\"],\"languages\":[\"es_ES\"],\
             \"size_bytes\":27500000,\"built_at\":null,\"version\":3,\"warmed_at\":null}]",
        ),
        _ => json(200, format!("{{\"items\":[{}]}}", operation("failed", "failed"))),
    };
    let server = Server::start(answers).await;
    for (line, expected) in [
        (vec!["key", "list"], "revoked 2026-08-05 20:00"),
        (vec!["node", "list"], "No nodes."),
        (vec!["node", "show", "node-1"], "old_shop"),
        (vec!["template", "list"], "26.2 MiB"),
        (vec!["operation", "list", "--subject", "acme"], "disk-full"),
    ] {
        let ended = Shell::of(&server).run(&line).await;
        assert!(
            ended.output.contains(expected),
            "{line:?}: {}{}",
            ended.output,
            ended.errors
        );
    }
    assert_eq!(server.lines().last().unwrap(), "GET /api/operations?subject=acme");
}

#[tokio::test]
async fn an_operation_is_shown_with_its_steps() {
    let server = Server::start(|_, _| Reply::Answer(200, vec![], operation("failed", "failed"))).await;
    let ended = Shell::of(&server).run(&["operation", "show", OPERATION]).await;
    assert_eq!(ended.exit, Exit::Done);
    assert!(ended.output.contains("✗ clone  312 ms"), "{}", ended.output);
    assert!(
        ended.output.contains("The disk is full. Make room. (disk-full)"),
        "{}",
        ended.output
    );
}

#[tokio::test]
async fn open_prints_the_address_alone() {
    let server = Server::start(|_, _| json(200, tenant("acme", "active").to_string())).await;
    let ended = Shell::of(&server).run(&["tenant", "open", "acme"]).await;
    assert_eq!(ended.output, "https://acme.example.com\n");
}
