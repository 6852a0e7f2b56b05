//! `chaos`: attacks an installation of its own for as long as it is told, and says what it found.

use anyhow::Result;
use chaos::{Plan, run};
use clap::Parser;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Breaks servers, nodes, clusters and the lines between them while clients use them.
#[derive(Parser)]
struct Arguments {
    /// The program under attack.
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// What decides; the same seed attacks in the same way.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long faults are injected, in seconds.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Replicas of the server.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=4))]
    servers: u8,
    /// Nodes, each with a PostgreSQL of its own.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=6))]
    nodes: u8,
    /// Clients.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=32))]
    clients: u8,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let plan = Plan {
        program: arguments.program,
        seed: arguments.seed,
        lasts: Duration::from_secs(arguments.seconds),
        servers: arguments.servers.into(),
        nodes: arguments.nodes.into(),
        clients: arguments.clients.into(),
    };
    let tell = |text: &str| {
        // Nobody reads along when standard error is closed.
        let _ = writeln!(std::io::stderr(), "{text}");
    };
    let report = run(&plan, &tell).await?;
    writeln!(std::io::stdout(), "{report}")?;
    Ok(if report.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
