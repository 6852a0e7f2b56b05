//! `tenantry operation …`: what is being done, what was done, and how it ended.

use crate::error::Error;
use crate::exit::examples;
use crate::follow;
use crate::options::{Options, path_name};
use crate::output::Terminal;
use crate::progress::step_text;
use crate::request::{Answer, Request};
use crate::session::{Reader, Session, post};
use crate::table::print_facts;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use domain::JobStatus;
use serde_json::Value;
use wire::operation;
use wire::work::{Decide, Job};

/// How the identifier of a job begins.
const JOB: &str = "job_";

/// The operations.
#[derive(Args, Clone, Debug)]
pub struct Operation {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with operations.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List operations, newest first.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry operation list --subject acme"))]
    List(List),
    /// Show an operation with its steps.
    #[command(after_long_help = examples!("tenantry operation show ope_0198c0ffee0000000000000000000001"))]
    Show(Identified),
    /// Have work that failed, or waits to be tried again, done now: an operation's or a job's.
    #[command(after_long_help = examples!("tenantry operation retry ope_0198c0ffee0000000000000000000001 --reason 'the disk has room again'"))]
    Retry(Decided),
    /// Leave work as it is for good; nothing is undone.
    #[command(after_long_help = examples!("tenantry operation abandon job_0198c0ffee0000000000000000000001 --reason 'done by hand'"))]
    Abandon(Decided),
    /// List the control plane's own jobs; with --status dead, those that need a person.
    #[command(after_long_help = examples!("tenantry operation jobs --status dead"))]
    Jobs(Jobs),
    /// Take an operation back that no node has begun; one of several steps is undone. A job (`job_…`) too.
    #[command(after_long_help = examples!("tenantry operation cancel ope_0198c0ffee0000000000000000000001 --reason 'asked for twice'"))]
    Cancel(Cancel),
    /// Follow an operation until it has ended; ends with 7 when it failed.
    #[command(after_long_help = examples!("tenantry operation watch ope_0198c0ffee0000000000000000000001"))]
    Watch(Identified),
}

/// Which operations.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only those of this tenant or template.
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
    /// Only of this kind, such as `tenant.create`.
    #[arg(long)]
    pub kind: Option<String>,
    /// Only in this state: queued, running, succeeded or failed.
    #[arg(long)]
    pub state: Option<String>,
    /// Only done by this node.
    #[arg(long)]
    pub node: Option<String>,
    /// Only asked for by this one: the identity of a key or a person, or `system`.
    #[arg(long)]
    pub actor: Option<String>,
    /// Only asked for at this time or later, such as 2026-11-29T00:00:00Z.
    #[arg(long)]
    pub from: Option<String>,
    /// Only asked for before this time.
    #[arg(long)]
    pub to: Option<String>,
    /// Only with these letters in subject, kind or failure.
    #[arg(long)]
    pub text: Option<String>,
    /// The page after one that was shown (`next` in its JSON).
    #[arg(long)]
    pub cursor: Option<String>,
    /// How many, 1 to 200; 50 without it.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=200))]
    pub limit: Option<u8>,
}

/// The work that is decided upon.
#[derive(Args, Clone, Debug)]
pub struct Decided {
    /// Its identifier (`ope_…` or `job_…`).
    #[arg(value_name = "OPERATION", value_parser = path_name)]
    pub id: String,
    /// Why, for the record.
    #[arg(long)]
    pub reason: String,
}

/// Which jobs.
#[derive(Args, Clone, Debug)]
pub struct Jobs {
    /// Only in this status.
    #[arg(long, value_parser = PossibleValuesParser::new(JobStatus::ALL.iter().map(|one| one.as_str())))]
    pub status: Option<String>,
    /// Only of this kind.
    #[arg(long)]
    pub kind: Option<String>,
    /// 1 to 200; 50 without it.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=200))]
    pub limit: Option<u8>,
}

/// The operation that a command is about.
#[derive(Args, Clone, Debug)]
pub struct Identified {
    /// Its identifier (`ope_…`).
    #[arg(value_name = "OPERATION", value_parser = path_name)]
    pub id: String,
}

/// The operation to be taken back.
#[derive(Args, Clone, Debug)]
pub struct Cancel {
    /// Its identifier (`ope_…`).
    #[arg(value_name = "OPERATION", value_parser = path_name)]
    pub id: String,
    /// Why, for whoever asked for it.
    #[arg(long)]
    pub reason: String,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List(list) => list.run(session).await,
            Self::Show(Identified { id }) => {
                let (operation, answer) = session.client.operation(id).await?;
                print(session, &operation, &answer)
            }
            Self::Retry(decided) => decide(session, decided, "retry").await,
            Self::Abandon(decided) => decide(session, decided, "abandon").await,
            Self::Jobs(which) => jobs(session, which).await,
            Self::Cancel(cancel) => cancel.run(session).await,
            Self::Watch(Identified { id }) => watch(session, id).await,
        }
    }
}

impl Cancel {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        if self.id.starts_with(JOB) {
            let decided = Decided {
                id: self.id.clone(),
                reason: self.reason.clone(),
            };
            return decide(session, &decided, "cancel").await;
        }
        let body = operation::CancelOperation {
            reason: Some(self.reason.clone()),
        };
        let request = post(&["operations", &self.id, "cancel"]).body(&body)?;
        let answer = session.client.send(&request).await?;
        let ended: operation::Operation = answer.decode()?;
        print(session, &ended, &answer)
    }
}

impl List {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let request = Request::read(&["operations"])
            .query("subject", self.subject.as_ref())
            .query("kind", self.kind.as_ref())
            .query("state", self.state.as_ref())
            .query("node", self.node.as_ref())
            .query("actor", self.actor.as_ref())
            .query("from", self.from.as_ref())
            .query("to", self.to.as_ref())
            .query("text", self.text.as_ref())
            .query("cursor", self.cursor.as_ref())
            .query("limit", self.limit);
        let answer = session.client.send(&request).await?;
        let operations: Vec<operation::Operation> = answer.decode_items()?;
        let rows = operations
            .iter()
            .map(|operation| {
                vec![
                    operation.id.clone(),
                    operation.kind.clone(),
                    operation.subject.clone(),
                    operation.state.clone(),
                    operation.node.clone().unwrap_or_default(),
                    session.terminal.time(operation.created_at),
                    operation
                        .failure
                        .as_ref()
                        .map(|failure| failure.code.clone())
                        .unwrap_or_default(),
                ]
            })
            .collect();
        let headings = [
            "Operation",
            "Kind",
            "Subject",
            "State",
            "Node",
            "Asked for",
            "Failure",
        ];
        session.print_rows(&answer, &headings, rows, "No operations.")
    }
}

/// Decides about an operation or a job.
async fn decide(session: &mut Session<'_>, decided: &Decided, verb: &str) -> Result<(), Error> {
    let body = Decide {
        reason: Some(decided.reason.clone()),
    };
    if !decided.id.starts_with(JOB) {
        let request = post(&["operations", &decided.id, verb]).body(&body)?;
        let answer = session.client.send(&request).await?;
        let known: operation::Operation = answer.decode()?;
        return print(session, &known, &answer);
    }
    let request = post(&["jobs", &decided.id, verb]).body(&body)?;
    let answer = session.client.send(&request).await?;
    let job: Job = answer.decode()?;
    session.print(&answer, &format!("{} ({}) is {}.", job.id, job.kind, job.status))
}

async fn jobs(session: &mut Session<'_>, which: &Jobs) -> Result<(), Error> {
    let request = Request::read(&["jobs"])
        .query("status", which.status.as_ref())
        .query("kind", which.kind.as_ref())
        .query("limit", which.limit);
    let answer = session.client.send(&request).await?;
    let jobs: Vec<Job> = answer.decode_items()?;
    let row = |job: &Job| {
        vec![
            job.id.clone(),
            job.kind.clone(),
            job.status.clone(),
            job.tries.to_string(),
            session.terminal.time_or_dash(job.next_at),
            job.last_error
                .clone()
                .or_else(|| job.waiting_for.clone())
                .unwrap_or_default(),
        ]
    };
    let rows = jobs.iter().map(row).collect();
    let headings = ["Job", "Kind", "Status", "Tries", "Next", "Last error"];
    session.print_rows(&answer, &headings, rows, "No jobs.")
}

/// Follows it; a failed one is printed too before the command ends as failed.
async fn watch(session: &mut Session<'_>, id: &str) -> Result<(), Error> {
    let ended = follow::follow(session, id).await;
    if matches!(ended, Ok(_) | Err(Error::OperationFailed { .. })) {
        let (operation, answer) = session.client.operation(id).await?;
        print(session, &operation, &answer)?;
    }
    ended.map(|_| ())
}

fn print(session: &mut Session<'_>, operation: &operation::Operation, answer: &Answer) -> Result<(), Error> {
    if session.reader == Reader::Machine {
        return Ok(session.terminal.json(&answer.body)?);
    }
    let rows = facts(session.terminal, operation);
    print_facts(session.terminal, &rows)?;
    let steps: Vec<String> = operation.steps.iter().map(step_text).collect();
    if !steps.is_empty() {
        session
            .terminal
            .text(&format!("Steps\n{}\n", crate::output::clean(&steps.join("\n"))))?;
    }
    Ok(())
}

fn facts(terminal: &Terminal, operation: &operation::Operation) -> Vec<(&'static str, Option<String>)> {
    let time = |moment| terminal.time(moment);
    vec![
        ("Operation", Some(operation.id.clone())),
        ("Kind", Some(operation.kind.clone())),
        ("Subject", Some(operation.subject.clone())),
        ("State", Some(operation.state.clone())),
        ("Node", operation.node.clone()),
        ("Waits", operation.waiting_for.clone()),
        ("Next", operation.next.as_ref().map(|next| next.words.clone())),
        (
            "Last error",
            operation.next.as_ref().and_then(|next| next.last_error.clone()),
        ),
        ("By", operation.requested_by.clone()),
        ("Part of", operation.parent.clone()),
        ("Asked for", Some(time(operation.created_at))),
        ("Begun", operation.started_at.map(time)),
        ("Ended", operation.finished_at.map(time)),
        (
            "Failure",
            operation
                .failure
                .as_ref()
                .map(|failure| format!("{} ({})", failure.detail, failure.code)),
        ),
        (
            "Found out",
            operation
                .facts
                .as_ref()
                .map(words)
                .filter(|words| !words.is_empty()),
        ),
    ]
}

/// What an operation found out, as one line: `edge_status 402, sessions_left 0`.
fn words(facts: &Value) -> String {
    match facts {
        Value::Object(fields) => {
            let one = |(name, value): (&String, &Value)| match value {
                Value::Object(_) => words(value),
                Value::Array(_) => format!("{name} {}", words(value)),
                Value::Null => format!("{name} -"),
                value => format!("{name} {}", words(value)),
            };
            fields.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(" "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
