//! The command line itself: help, exit codes in it, completions, what is refused, what `Debug` shows.

use crate::shell::{Program, Shell, Top};
use clap::{CommandFactory, Parser};
use std::path::Path;

#[test]
fn the_parser_is_sound_and_leaves_the_binarys_own_options_alone() {
    Program::command().debug_assert();
    let program = Program::try_parse_from(["tenantry", "up", "--data", "/srv"]).unwrap();
    assert!(matches!(program.top, Top::Up { data: Some(data) } if data == Path::new("/srv")));
    let about = Program::command().get_about().map(ToString::to_string);
    assert_eq!(about.as_deref(), Some("The binary's own description"));
}

#[test]
fn every_commands_help_has_examples_and_the_exit_codes() {
    let mut program = Program::command();
    program.build();
    for group in program
        .get_subcommands()
        .filter(|group| !["up", "help"].contains(&group.get_name()))
    {
        for command in group
            .get_subcommands()
            .filter(|command| command.get_name() != "help")
        {
            let help = command.clone().render_long_help().to_string();
            let name = format!("{} {}", group.get_name(), command.get_name());
            assert!(
                help.contains(&format!("tenantry {name}")),
                "no example in the help of {name}"
            );
            assert!(
                help.contains("9  stopped waiting; the operation goes on"),
                "{name}: {help}"
            );
            assert!(
                help.contains("--json") && !help.contains("--api-key"),
                "{name}: {help}"
            );
        }
    }
}

#[test]
fn wrong_lines_are_refused_with_usage() {
    for line in [
        vec!["tenant", "show"],
        vec!["tenant", "show", ".."],
        vec!["tenant", "show", "a/b"],
        vec!["tenant", "update", "acme"],
        vec!["tenant", "suspend", "acme", "--reason", "whim"],
        vec!["tenant", "password", "acme", "--password", "secret"],
        vec!["tenant", "list", "--limit", "201"],
        vec!["tenant", "list", "--api-key", "tnt_x"],
        vec!["tenant", "list", "--server", "http://x", "--local", "f"],
        vec!["key", "create", "ci", "--role", "everything"],
        vec!["node", "drain", "node-1", "--cancel"],
        vec!["node", "drain", "node-1", "--pause", "--resume"],
        vec!["node", "drain", "node-1", "--plan", "--yes", "plan_x"],
    ] {
        let error = Program::try_parse_from(std::iter::once(&"tenantry").chain(&line))
            .err()
            .expect("a refusal");
        assert_eq!(error.exit_code(), 2, "{line:?}");
    }
}

#[test]
fn debug_shows_neither_keys_nor_passwords() {
    let line = [
        "tenantry",
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
    let Top::Operator(command) = Program::try_parse_from(line).unwrap().top else {
        panic!("not ours")
    };
    let shell = Shell::empty().with("TENANTRY_API_KEY", "tnt_very_secret");
    let shown = format!("{command:?} {:?}", shell.environment);
    assert!(!shown.contains("tnt_very_secret"), "{shown}");
    assert!(shown.contains("password_stdin: true"), "{shown}");
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in [cli::Shell::Bash, cli::Shell::Zsh, cli::Shell::Fish] {
        let mut script = Vec::new();
        cli::completions(shell, &mut Program::command(), &mut script).unwrap();
        let script = String::from_utf8(script).unwrap();
        assert!(
            script.contains("tenantry") && script.contains("undelete"),
            "{shell}"
        );
    }
}
