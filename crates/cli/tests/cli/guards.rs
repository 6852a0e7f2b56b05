//! Names that must be repeated, and passwords that must not be seen.

use crate::samples::{change, keys, problem};
use crate::server::{Server, json};
use crate::shell::Shell;
use cli::Exit;

#[tokio::test]
async fn nothing_is_destroyed_without_the_name_again() {
    let server = Server::start(|_, _| json(200, change("acme", "deleted"))).await;
    for verb in ["delete", "purge"] {
        let ended = Shell::of(&server)
            .run(&["tenant", verb, "acme", "--yes", "acm"])
            .await;
        assert_eq!(ended.exit, Exit::Refused, "{}", ended.errors);
        let ended = Shell::of(&server)
            .input("acme\n")
            .run(&["tenant", verb, "acme"])
            .await;
        assert_eq!(ended.exit, Exit::Usage, "nobody is at the terminal");
        assert!(ended.errors.contains("--yes acme"), "{}", ended.errors);
        for typed in ["yes\n", "", "ACME\n"] {
            let ended = Shell::of(&server)
                .person(&[])
                .input(typed)
                .run(&["tenant", verb, "acme"])
                .await;
            assert_eq!(ended.exit, Exit::Refused, "{typed:?}");
        }
        assert_eq!(server.seen().len(), 0);
    }
    let ended = Shell::of(&server)
        .person(&[])
        .input("acme\n")
        .run(&["tenant", "delete", "acme"])
        .await;
    assert_eq!(
        (ended.exit, server.seen().len()),
        (Exit::Done, 1),
        "{}",
        ended.errors
    );
}

#[tokio::test]
async fn a_key_is_revoked_by_its_name_and_only_the_one_in_force() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "GET /api/keys" => json(200, keys()),
        "DELETE /api/keys/key_new" => json(204, ""),
        _ => json(404, problem(404)),
    })
    .await;
    let ended = Shell::of(&server)
        .run(&["key", "revoke", "billing", "--yes", "key_new"])
        .await;
    assert_eq!(ended.exit, Exit::Refused);
    let ended = Shell::of(&server)
        .run(&["key", "revoke", "nobody", "--yes", "nobody"])
        .await;
    assert_eq!(ended.exit, Exit::NotFound);
    let ended = Shell::of(&server)
        .run(&["key", "revoke", "billing", "--yes", "billing"])
        .await;
    assert_eq!(
        (ended.exit, ended.output.as_str()),
        (Exit::Done, "billing (tnt_ab12…) is revoked.\n")
    );
}

#[tokio::test]
async fn a_password_comes_from_standard_input_or_is_typed_twice() {
    let server = Server::start(|_, _| json(200, change("acme", "active"))).await;
    let password = |shell: Shell, line: &'static [&str]| async move { shell.run(line).await };
    let piped: &[&str] = &["tenant", "password", "acme", "--password-stdin", "--end-sessions"];
    let asked: &[&str] = &["tenant", "password", "acme"];
    for (shell, line, exit) in [
        (Shell::of(&server).input("correct horse\n"), piped, Exit::Done),
        (
            Shell::of(&server).person(&["correct horse", "correct horse"]),
            asked,
            Exit::Done,
        ),
        (
            Shell::of(&server).person(&["a", "b", "correct horse", "correct horse"]),
            asked,
            Exit::Done,
        ),
        (
            Shell::of(&server).person(&["a", "b", "c", "d", "e", "f"]),
            asked,
            Exit::Refused,
        ),
        (Shell::of(&server).input("correct horse\n"), asked, Exit::Usage),
        (Shell::of(&server).input("\n"), piped, Exit::Usage),
        (Shell::of(&server).input("two\nlines\n"), piped, Exit::Usage),
    ] {
        let ended = password(shell, line).await;
        assert_eq!(ended.exit, exit, "{}", ended.errors);
        assert!(!ended.output.contains("horse") && !ended.errors.contains("horse"));
    }
    let bodies: Vec<String> = server.seen().into_iter().map(|request| request.body).collect();
    assert_eq!(
        bodies[0],
        "{\"new_password\":\"correct horse\",\"end_sessions\":true}"
    );
    assert_eq!(
        bodies[1..],
        vec!["{\"new_password\":\"correct horse\",\"end_sessions\":false}"; 2]
    );
}

#[tokio::test]
async fn a_new_tenant_takes_its_password_from_standard_input() {
    let server = Server::start(|_, _| json(201, change("acme", "active"))).await;
    let line = [
        "tenant",
        "create",
        "acme",
        "--company",
        "A",
        "--email",
        "a@b.c",
        "--plan",
        "basic",
        "--password-stdin",
    ];
    let ended = Shell::of(&server).input("correct horse").run(&line).await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    assert!(
        server.seen()[0]
            .body
            .contains("\"admin_password\":\"correct horse\"")
    );
}
