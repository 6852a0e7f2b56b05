//! The one binary: reads its arguments and runs what they name.

mod agent;
mod arguments;
mod configuration;
mod doctor;
mod files;
mod logging;
mod secrets;
mod server;
mod up;

use arguments::{Arguments, NodeAction, Task};
use clap::{CommandFactory as _, Parser as _};
use cli::Exit;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Two TLS back ends in one process would make rustls refuse to choose.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        return complain(&anyhow::anyhow!("the TLS back end was installed twice"));
    }
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&anyhow::Error::new(error).context("the runtime did not start")),
    };
    runtime.block_on(run(arguments.task))
}

async fn run(task: Task) -> ExitCode {
    let done = match task {
        Task::Up(arguments) => up::run(*arguments).await,
        Task::Server(arguments) => server::run(&arguments.config).await,
        Task::Node(node) => match node.action {
            NodeAction::Run(arguments) => agent::run(&arguments.config).await,
            NodeAction::Operator(action) => {
                return operator(cli::Command::Node(cli::node::Node {
                    options: node.options,
                    action,
                }))
                .await;
            }
        },
        Task::Secrets(secrets) => secrets::run(&secrets.action).await,
        Task::Doctor(arguments) => doctor::run(&arguments).await,
        Task::Openapi => print(&web::document()),
        Task::Completions { shell } => completions(shell),
        Task::Tenant(tenant) => return operator(cli::Command::Tenant(*tenant)).await,
        Task::Template(template) => return operator(cli::Command::Template(template)).await,
        Task::Key(key) => return operator(cli::Command::Key(key)).await,
        Task::Db(db) => return operator(cli::Command::Db(db)).await,
        Task::Plan(plan) => return operator(cli::Command::Plan(plan)).await,
        Task::Product(product) => return operator(cli::Command::Product(product)).await,
        Task::Backup(backup) => return operator(cli::Command::Backup(*backup)).await,
        Task::Settings(settings) => return operator(cli::Command::Settings(settings)).await,
        Task::Audit(audit) => return operator(cli::Command::Audit(audit)).await,
        Task::Support(support) => return operator(cli::Command::Support(support)).await,
        Task::Reconciler(reconciler) => return operator(cli::Command::Reconciler(reconciler)).await,
        Task::Drift(drift) => return operator(cli::Command::Drift(drift)).await,
        Task::Security(security) => return operator(cli::Command::Security(security)).await,
        Task::Sso(sso) => return operator(cli::Command::Sso(sso)).await,
        Task::User(user) => return operator(cli::Command::User(user)).await,
        Task::Operation(operation) => return operator(cli::Command::Operation(operation)).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

async fn operator(command: cli::Command) -> ExitCode {
    let mut terminal = cli::Terminal::of_process();
    cli::run(&command, &cli::Environment::of_process(), &mut terminal)
        .await
        .into()
}

fn completions(shell: cli::Shell) -> anyhow::Result<()> {
    Ok(cli::completions(
        shell,
        &mut Arguments::command(),
        &mut std::io::stdout(),
    )?)
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// Tells what went wrong with all its causes; when standard error is gone, the exit code has to do.
fn complain(error: &anyhow::Error) -> ExitCode {
    let told = writeln!(std::io::stderr(), "tenantry: {error:#}");
    drop(told);
    Exit::Unexpected.into()
}
