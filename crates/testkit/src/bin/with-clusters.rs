//! Runs a command with two disposable clusters and stops them afterwards: `with-clusters cargo nextest run`.

use std::process::ExitCode;
use testkit::{CONTROL, TENANTS, TestCluster};

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        return complain("usage: with-clusters PROGRAM [ARGUMENTS]");
    };
    let (control, tenants) = match tokio::join!(TestCluster::of(CONTROL), TestCluster::of(TENANTS)) {
        (Ok(control), Ok(tenants)) => (control, tenants),
        (Err(error), _) | (_, Err(error)) => return complain(&chain(&error)),
    };
    let status = tokio::process::Command::new(&program)
        .args(words)
        .env(CONTROL, control.url().as_str())
        .env(TENANTS, tenants.url().as_str())
        .kill_on_drop(true)
        .status();
    // Ctrl-C reaches the command as well, which ends by itself; then the clusters are stopped.
    let status = tokio::select! {
        status = status => status,
        _ = tokio::signal::ctrl_c() => Err(std::io::ErrorKind::Interrupted.into()),
    };
    tokio::join!(control.stop(), tenants.stop());
    match status {
        Ok(status) => ExitCode::from(
            status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(1),
        ),
        Err(error) => complain(&format!("cannot run {}: {error}", program.display())),
    }
}

#[expect(clippy::print_stderr, reason = "this is a command-line program")]
fn complain(text: &str) -> ExitCode {
    eprintln!("with-clusters: {text}");
    ExitCode::FAILURE
}

fn chain(error: &dyn std::error::Error) -> String {
    let cause = error
        .source()
        .map(chain)
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    format!("{error}{cause}")
}
