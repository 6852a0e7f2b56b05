//! `tenantry reconciler …` and `tenantry drift …`: what is kept true by itself, and what nodes see otherwise.

use crate::error::Error;
use crate::exit::examples;
use crate::follow;
use crate::options::{Options, path_name};
use crate::request::Request;
use crate::session::{Session, post};
use clap::{Args, Subcommand};
use wire::operation::Operation;
use wire::work::{ApplyDrift, DriftItem, DriftPlan, DriftReport, RegularWork};

/// What is kept true, and what is done by the clock.
#[derive(Args, Clone, Debug)]
pub struct Reconciler {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: ReconcilerAction,
}

/// What can be done about reconcilers.
#[derive(Clone, Debug, Subcommand)]
pub enum ReconcilerAction {
    /// List reconcilers: what each keeps true, what it found last, when it looks again.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry reconciler list", "tenantry reconciler list --clock"))]
    List(ReconcilerList),
    /// Have one run now.
    #[command(after_long_help = examples!("tenantry reconciler run tombstones"))]
    Run(ReconcilerNamed),
}

/// Which ones.
#[derive(Args, Clone, Debug)]
pub struct ReconcilerList {
    /// What is done by the clock instead.
    #[arg(long)]
    pub clock: bool,
}

/// One of them.
#[derive(Args, Clone, Debug)]
pub struct ReconcilerNamed {
    /// Its name.
    #[arg(value_name = "NAME", value_parser = path_name)]
    pub name: String,
}

/// What nodes see otherwise than the control plane believes.
#[derive(Args, Clone, Debug)]
pub struct Drift {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: DriftAction,
}

/// What can be done about drift.
#[derive(Clone, Debug, Subcommand)]
pub enum DriftAction {
    /// Show what differs, tenant by tenant.
    #[command(after_long_help = examples!("tenantry drift show"))]
    Show,
    /// Show what would be mended and what is left to you.
    #[command(after_long_help = examples!("tenantry drift plan"))]
    Plan,
    /// Have a plan done, by its name. It is refused when anything in it has changed since.
    #[command(after_long_help = examples!("tenantry drift apply plan_0123456789abcdef01234567"))]
    Apply(Apply),
}

/// The plan.
#[derive(Args, Clone, Debug)]
pub struct Apply {
    /// Its name, as `drift plan` shows it.
    #[arg(value_name = "PLAN")]
    pub plan: String,
}

impl ReconcilerAction {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List(which) => {
                let path = if which.clock { "schedules" } else { "reconcilers" };
                let answer = session.client.send(&Request::read(&[path])).await?;
                let all: Vec<RegularWork> = answer.decode_items()?;
                let rows = all.iter().map(|one| row(session, one)).collect();
                let headings = ["Name", "Keeps true", "Last run", "Found", "Next run", "Failed"];
                session.print_rows(&answer, &headings, rows, "Nothing is done by itself yet.")
            }
            Self::Run(named) => {
                let answer = session
                    .client
                    .send(&post(&["schedules", &named.name, "run"]))
                    .await?;
                let one: RegularWork = answer.decode()?;
                let text = format!("{} runs at {}.", one.name, session.terminal.time(one.next_run_at));
                session.print(&answer, &text)
            }
        }
    }
}

fn row(session: &Session<'_>, one: &RegularWork) -> Vec<String> {
    let found = one
        .last_result
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let failed = match (one.failing_since, &one.last_error) {
        (Some(since), Some(error)) => format!("since {}: {error}", session.terminal.time(since)),
        _ => format!("{} of {}", one.failures, one.runs),
    };
    vec![
        one.name.clone(),
        one.keeps.clone(),
        session.terminal.time_or_dash(one.last_run_at),
        found,
        session.terminal.time(one.next_run_at),
        failed,
    ]
}

impl DriftAction {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Show => {
                let answer = session.read(&["drift"]).await?;
                let report: DriftReport = answer.decode()?;
                let unseen = report.nodes.iter().filter(|node| !node.compared);
                let unseen = unseen.map(|node| format!("Node {} could not be compared.", node.name));
                let lines: Vec<String> = report.differences.iter().map(line).chain(unseen).collect();
                let text = match lines.is_empty() {
                    true => "Nodes see what the control plane believes.".to_owned(),
                    false => lines.join("\n"),
                };
                session.print(&answer, &text)
            }
            Self::Plan => {
                let answer = session.read(&["drift", "plan"]).await?;
                let plan: DriftPlan = answer.decode()?;
                session.print(&answer, &plan_text(&plan))
            }
            Self::Apply(apply) => {
                let body = ApplyDrift {
                    plan: Some(apply.plan.clone()),
                };
                let request = post(&["drift", "apply"]).body(&body)?;
                let answer = session.client.send(&request).await?;
                let begun: Operation = answer.decode()?;
                let ended = follow::follow(session, &begun.id).await?;
                let text = format!("{}: {}", ended.id, ended.state);
                session.print(&answer, &text)
            }
        }
    }
}

fn line(item: &DriftItem) -> String {
    let remedy = match item.remedy.as_str() {
        "mend" => "can be mended",
        "stopped" => "the tenant is stopped",
        _ => "needs you",
    };
    format!("{} ({}: {remedy})", item.words, item.kind)
}

fn plan_text(plan: &DriftPlan) -> String {
    if plan.mend.is_empty() && plan.leave.is_empty() {
        return "Nothing differs.".to_owned();
    }
    let mut text = String::new();
    for (head, items) in [("To be mended:", &plan.mend), ("Left to you:", &plan.leave)] {
        if !items.is_empty() {
            text.push_str(head);
            items
                .iter()
                .for_each(|item| text.push_str(&format!("\n  {}", item.words)));
            text.push('\n');
        }
    }
    text.push_str(&format!("Have it done: tenantry drift apply {}", plan.plan));
    text
}
