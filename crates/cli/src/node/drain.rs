//! `tenantry node drain`: emptying a node by a plan that is looked at first, and `node confirm-moves`, which drops what is left.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Patience, path_name};
use crate::output::{clean, duration, size};
use crate::request::Request;
use crate::session::{Reader, Session, post};
use crate::table::{print_facts, print_table};
use clap::Args;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::drain::{ConfirmMoves, ConfirmedMoves, Drain, DrainPlan, DrainTenant, StartDrain};
use wire::work::Decide;

pub(super) const HELP: &str = examples!(
    "tenantry node drain node-1 --plan",
    "tenantry node drain node-1 --yes plan_0123456789abcdef01234567",
    "tenantry node drain node-1 --parallel 4 --label ssd",
    "tenantry node drain node-1 --show",
    "tenantry node drain node-1 --pause",
    "tenantry node drain node-1 --cancel --reason 'the disks come next week'"
);

/// How often a drain is looked at while it is followed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the server may be away meanwhile.
const SERVER_AWAY: Duration = Duration::from_secs(60);

/// Which node, what is wanted of it, and on which terms.
#[derive(Args, Clone, Debug)]
pub struct DrainNode {
    /// The node's name.
    #[arg(value_parser = path_name)]
    pub name: String,
    /// What is wanted.
    #[command(flatten)]
    pub what: What,
    /// Why: for whoever looks at the node, or of the cancelling.
    #[arg(long)]
    pub reason: Option<String>,
    /// How many moves are under way at a time, 1 to 10 (2 by default).
    #[arg(long, value_name = "N")]
    pub parallel: Option<i64>,
    /// Only to nodes with this label, beside what each tenant wants; can be repeated.
    #[arg(long = "label", value_name = "LABEL")]
    pub labels: Vec<String>,
    /// Tenants that were made for this node by name go too.
    #[arg(long)]
    pub pinned: bool,
    /// Tenants may go to a node of another domain, where their address is another one.
    #[arg(long)]
    pub any_domain: bool,
}

/// What is wanted: one of these, or to see the plan and be asked.
#[derive(Args, Clone, Debug)]
#[group(multiple = false)]
pub struct What {
    /// Show what would go where, in which order, and what would stay and why. Nothing changes.
    #[arg(long)]
    pub plan: bool,
    /// Begin with the plan of this name, instead of being asked. It is refused when it is another one by now.
    #[arg(long, value_name = "PLAN")]
    pub yes: Option<String>,
    /// Show how the newest drain stands, tenant by tenant.
    #[arg(long)]
    pub show: bool,
    /// Begin no more moves; those under way end.
    #[arg(long)]
    pub pause: bool,
    /// Go on with a paused drain.
    #[arg(long)]
    pub resume: bool,
    /// Begin no more moves for good, and give the node its mode back. What has moved stays where it is.
    #[arg(long, requires = "reason")]
    pub cancel: bool,
}

/// Whose copies.
#[derive(Args, Clone, Debug)]
pub struct Confirm {
    /// The node's name.
    #[arg(value_parser = path_name)]
    pub name: String,
    /// Its name again, instead of being asked for it.
    #[arg(long, value_name = "NAME")]
    pub yes: Option<String>,
}

impl DrainNode {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        if self.what.show {
            return show(session, &self.name).await;
        }
        if self.what.pause || self.what.resume {
            let verb = if self.what.pause { "pause" } else { "resume" };
            return self
                .pace(session, &post(&["nodes", &self.name, "drain", verb]))
                .await;
        }
        if self.what.cancel {
            let body = Decide {
                reason: self.reason.clone(),
            };
            let request = post(&["nodes", &self.name, "drain", "cancel"]).body(&body)?;
            return self.pace(session, &request).await;
        }
        if let Some(plan) = &self.what.yes {
            return self.start(session, plan).await;
        }
        let answer = session.client.send(&self.looking()).await?;
        let plan: DrainPlan = answer.decode()?;
        if session.reader == Reader::Machine {
            session.terminal.json(&answer.body)?;
        } else {
            print_plan(session, &plan)?;
        }
        if self.what.plan {
            return Ok(());
        }
        if !session.terminal.interactive.input {
            return Err(Error::usage(
                format!("nobody is here to confirm that {} is to be drained so", self.name),
                format!("If you mean this plan, say so with: --yes {}", plan.plan),
            ));
        }
        ask::confirm(session.terminal, "drained as the plan shows", &self.name, None)?;
        self.start(session, &plan.plan).await
    }

    fn looking(&self) -> Request {
        let labels = self.labels.join(",");
        let parallel = self.parallel.map(|most| most.to_string());
        Request::read(&["nodes", &self.name, "drain", "plan"])
            .query(
                "node_labels",
                Some(labels.as_str()).filter(|labels| !labels.is_empty()),
            )
            .query("pinned", self.pinned.then_some("true"))
            .query("any_domain", self.any_domain.then_some("true"))
            .query("parallel", parallel.as_deref())
    }

    async fn start(&self, session: &mut Session<'_>, plan: &str) -> Result<(), Error> {
        let body = StartDrain {
            plan: Some(plan.to_owned()),
            node_labels: (!self.labels.is_empty()).then(|| self.labels.clone()),
            pinned: self.pinned,
            any_domain: self.any_domain,
            parallel: self.parallel,
            reason: self.reason.clone(),
        };
        let request = post(&["nodes", &self.name, "drain"]).body(&body)?;
        let answer = session.client.send(&request).await?;
        if session.patience == Patience::None {
            let text = format!("Begun. Look at it: tenantry node drain {} --show", self.name);
            return session.print(&answer, &text);
        }
        follow(session, &self.name).await
    }

    async fn pace(&self, session: &mut Session<'_>, request: &Request) -> Result<(), Error> {
        let answer = session.client.send(request).await?;
        let drain: Drain = answer.decode()?;
        session.print(&answer, &headline(&drain))
    }
}

impl Confirm {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let action = "freed of every copy that moves left on it";
        ask::confirm(session.terminal, action, &self.name, self.yes.as_deref())?;
        let body = ConfirmMoves {
            confirm: Some(self.name.clone()),
        };
        let request = post(&["nodes", &self.name, "confirm-moves"]).body(&body)?;
        let answer = session.client.send(&request).await?;
        let begun: ConfirmedMoves = answer.decode()?;
        let text = match begun.operations.len() {
            0 => format!("No copies are kept on {}.", self.name),
            count => format!(
                "{count} being dropped. Look at them: tenantry operation list --kind tenant.confirm-move --node {}",
                self.name
            ),
        };
        session.print(&answer, &text)
    }
}

fn print_plan(session: &mut Session<'_>, plan: &DrainPlan) -> Result<(), Error> {
    let moves = plan.moves.iter().map(|one| {
        let note = if one.changes_address {
            "another address"
        } else {
            ""
        };
        vec![
            one.subdomain.clone(),
            one.to.clone(),
            one.state.clone(),
            size(i64::try_from(one.bytes).unwrap_or(i64::MAX)),
            note.to_owned(),
        ]
    });
    let headings = ["Goes", "To", "State", "Size", "Note"];
    print_table(session.terminal, &headings, moves.collect(), "Nobody goes.")?;
    if !plan.stay.is_empty() {
        let stay = plan
            .stay
            .iter()
            .map(|one| vec![one.subdomain.clone(), one.words.clone()]);
        print_table(session.terminal, &["Stays", "Why"], stay.collect(), "")?;
    }
    let seconds = plan.seconds.map(|seconds| duration(seconds.saturating_mul(1000)));
    let rows = [
        ("Plan", Some(plan.plan.clone())),
        (
            "Moves",
            Some(format!("{}, {} at a time", plan.moves.len(), plan.parallel)),
        ),
        ("Size", Some(size(i64::try_from(plan.bytes).unwrap_or(i64::MAX)))),
        ("Takes about", seconds),
        (
            "Deleted tenants",
            (plan.tombstones > 0).then(|| format!("{}; they stay until they are purged", plan.tombstones)),
        ),
    ];
    Ok(print_facts(session.terminal, &rows)?)
}

async fn show(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let answer = session.read(&["nodes", name, "drain"]).await?;
    if session.reader == Reader::Machine {
        return Ok(session.terminal.json(&answer.body)?);
    }
    let drain: Drain = answer.decode()?;
    session
        .terminal
        .text(&format!("{}\n", clean(&headline(&drain))))?;
    let rows = drain.tenants.iter().map(|one| {
        vec![
            one.subdomain.clone(),
            one.to.clone().unwrap_or_else(|| "-".to_owned()),
            one.state.clone(),
            why(one),
        ]
    });
    print_table(
        session.terminal,
        &["Tenant", "To", "State", "More"],
        rows.collect(),
        "It had no tenants.",
    )?;
    Ok(())
}

/// What else there is to say of a tenant.
fn why(one: &DrainTenant) -> String {
    match (&one.failure, &one.waiting_for, one.stop_ms) {
        (Some(failure), ..) => failure.detail.clone(),
        (None, Some(waits), _) => waits.clone(),
        (None, None, Some(stop)) => format!("closed for {}", duration(stop.unsigned_abs())),
        (None, None, None) => String::new(),
    }
}

fn headline(drain: &Drain) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &drain.tenants {
        *counts.entry(one.state.as_str()).or_default() += 1;
    }
    let each: Vec<String> = counts
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let why = drain
        .failure
        .as_ref()
        .map(|failure| format!(" {}", failure.detail));
    format!(
        "{} ({}) is {}: {}.{}",
        drain.node,
        drain.operation,
        drain.state,
        if each.is_empty() {
            "no tenants".to_owned()
        } else {
            each.join(", ")
        },
        why.unwrap_or_default()
    )
}

/// Looks at the drain until it has ended, and tells what is new of each tenant.
async fn follow(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let began = Instant::now();
    let mut told: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut last_heard = Instant::now();
    loop {
        let answer = match session.read(&["nodes", name, "drain"]).await {
            Ok(answer) => answer,
            Err(error) if crate::follow::may_pass(&error) && last_heard.elapsed() < SERVER_AWAY => {
                sleep(LOOK_EVERY).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        last_heard = Instant::now();
        let drain: Drain = answer.decode()?;
        for one in &drain.tenants {
            let now = (one.state.clone(), why(one));
            let is_news = now.0 != "waiting" || !now.1.is_empty();
            if is_news && told.get(&one.subdomain) != Some(&now) {
                session.hint(&line(one))?;
            }
            told.insert(one.subdomain.clone(), now);
        }
        match drain.state.as_str() {
            "succeeded" => return session.print(&answer, &headline(&drain)),
            "failed" => {
                session.print(&answer, &headline(&drain))?;
                let (operation, _) = session.client.operation(&drain.operation).await?;
                return Err(Error::OperationFailed {
                    operation: Box::new(operation),
                });
            }
            _ => {}
        }
        let is_over = matches!(session.patience, Patience::AtMost(limit) if began.elapsed() >= limit);
        let interrupted = tokio::select! {
            () = sleep(LOOK_EVERY) => is_over,
            _ = tokio::signal::ctrl_c() => true,
        };
        if interrupted {
            return Err(Error::Interrupted {
                operation: drain.operation,
                idempotency_key: None,
            });
        }
    }
}

fn line(one: &DrainTenant) -> String {
    let to = one.to.as_ref().map(|to| format!(" → {to}")).unwrap_or_default();
    let more = why(one);
    let more = if more.is_empty() {
        more
    } else {
        format!(" ({more})")
    };
    format!("  {}{to}: {}{more}", one.subdomain, one.state)
}
