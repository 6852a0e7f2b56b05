//! Measures what the program must be as fast as, beside its rivals, in one run. `scripts/bench` prepares for it.

mod arguments;
mod ground;
mod http;
mod measure;
mod pool;
mod processes;
mod raw;
mod rows;
mod table;
mod tenants;

use anyhow::{Context as _, Result};
use arguments::{Arguments, Effort, Group};
use clap::{Parser as _, ValueEnum as _};
use ground::Ground;
use rows::{
    Findings, backup, creation, duplicate, first_page, growth, idle, listing, memory, suspension, throughput,
};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;
use table::Report;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, timeout};

/// How long a group of rows may take.
const PATIENCE: Duration = Duration::from_secs(1200);
/// The exit code of a program that was interrupted.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = tokio::select! {
        done = run(&arguments) => done,
        () = interrupted() => return ExitCode::from(INTERRUPTED),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Ends when the process is told to stop; then its own children end with it.
async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let ground = Ground::open(&arguments.data)?;
    let mut report = Report {
        machine: ground.machine().await?,
        ..Report::default()
    };
    let mut failed = 0;
    for group in Group::value_variants() {
        if !arguments.only.is_empty() && !arguments.only.contains(group) {
            continue;
        }
        let name = group
            .to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default();
        tell(&format!("▸ measuring: {name}"));
        let began = Instant::now();
        let measured = timeout(PATIENCE, measure(&ground, *group, arguments.effort)).await;
        match measured.context("it took too long").and_then(|measured| measured) {
            Ok(findings) => {
                tell(&format!("  {:.0} s", began.elapsed().as_secs_f64()));
                report.rows.extend(findings.rows);
                report.breakdowns.extend(findings.breakdowns);
                report.remarks.extend(findings.remarks);
            }
            Err(error) => {
                failed += 1;
                tell(&format!("✗ {name}: {error:#}"));
                report.remarks.push(format!("Not measured: {name}. {error:#}"));
            }
        }
    }
    report.remarks.extend(ground.others().ok());
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&report)?)
            .with_context(|| path.display().to_string())?;
    }
    std::io::stdout().write_all(report.markdown().as_bytes())?;
    anyhow::ensure!(failed == 0, "{failed} groups of rows could not be measured");
    Ok(())
}

async fn measure(ground: &Ground, group: Group, effort: Effort) -> Result<Findings> {
    match group {
        Group::Memory => memory::run(ground, "just started").await,
        Group::Growth => growth::run(ground, effort).await,
        Group::Creation => creation::run(ground, effort).await,
        Group::Duplicate => duplicate::run(ground, effort).await,
        Group::FirstPage => first_page::run(ground, effort).await,
        Group::Suspension => suspension::run(ground, effort).await,
        Group::Throughput => throughput::run(ground, effort).await,
        Group::Idle => idle::run(ground, effort).await,
        Group::Listing => listing::run(ground, effort).await,
        Group::Backup => backup::run(ground, effort).await,
        Group::MemoryAfter => memory::run(ground, "after all of this").await,
    }
}

/// Tells how far it is; nobody may be reading.
fn tell(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}
