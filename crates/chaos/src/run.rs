//! A run: clients at work, one fault after the other, and the audit at the end.

use crate::audit;
use crate::client::Client;
use crate::drainer::Drainer;
use crate::fault::{Fault, Kind, revive, shuffle};
use crate::report::Report;
use crate::site::{Site, reqwest_client};
use anyhow::{Context as _, Result};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sqlx::{Connection as _, PgConnection};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Within this everything from before a fault must have ended once it is mended.
const CONVERGENCE: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(100);

/// What a run is to be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program under attack.
    pub program: PathBuf,
    /// What decides.
    pub seed: u64,
    /// How long faults are injected.
    pub lasts: Duration,
    /// Replicas of the server.
    pub servers: usize,
    /// Nodes.
    pub nodes: usize,
    /// Clients that ask without a pause.
    pub clients: usize,
}

/// Brings a site up, attacks it, and looks at what is left.
///
/// # Errors
/// When the attack itself cannot be carried out. Broken promises are in the report.
pub async fn run(plan: &Plan, tell: &dyn Fn(&str)) -> Result<Report> {
    let mut site = Site::start(&plan.program, plan.servers, plan.nodes).await?;
    let attacked = attack(&mut site, plan, tell).await;
    if let Ok(report) = &attacked
        && !report.violations.is_empty()
    {
        keep_logs(&site, plan.seed, tell);
    }
    site.stop().await?;
    attacked
}

async fn attack(site: &mut Site, plan: &Plan, tell: &dyn Fn(&str)) -> Result<Report> {
    let (stop, stopped) = watch::channel(false);
    let mut clients = JoinSet::new();
    let servers: Vec<_> = site.servers.iter().map(|server| server.address).collect();
    let nodes: Vec<_> = site.members.iter().map(|member| member.name.clone()).collect();
    let http = reqwest_client()?;
    let drainer = Drainer::new(
        plan.seed,
        http.clone(),
        servers.clone(),
        nodes.clone(),
        site.key.clone(),
    );
    let drainer = tokio::spawn(drainer.run(stopped.clone()));
    for number in 1..=plan.clients {
        let client = Client::new(
            number,
            plan.seed,
            http.clone(),
            servers.clone(),
            nodes.clone(),
            site.key.clone(),
        );
        clients.spawn(client.run(stopped.clone()));
    }
    let mut report = Report {
        seed: plan.seed,
        ..Report::default()
    };
    let began = Instant::now();
    break_things(site, plan, &mut report, tell).await?;
    report.lasted = began.elapsed();
    stop.send_replace(true);
    tell("everything is whole again; the clients bring what they began to its end");
    while let Some(told) = clients.join_next().await {
        report.add(told.context("a client broke")?);
    }
    report.drained = drainer.await.context("the drainer broke")?;
    report.violations.append(&mut report.drained.violations);
    audit::look(site, &mut report).await?;
    Ok(report)
}

async fn break_things(site: &mut Site, plan: &Plan, report: &mut Report, tell: &dyn Fn(&str)) -> Result<()> {
    let mut dice = StdRng::seed_from_u64(plan.seed);
    let end = Instant::now() + plan.lasts;
    let mut control = PgConnection::connect(site.superuser().as_str()).await?;
    loop {
        let mut kinds = Kind::all();
        shuffle(&mut kinds, &mut dice);
        for kind in kinds {
            let fault = Fault::draw(kind, &mut dice, plan.servers, plan.nodes);
            if Instant::now() >= end {
                return Ok(());
            }
            if !fault.strike(site).await? {
                if !report.left_out.contains(&kind) {
                    report.left_out.push(kind);
                }
                continue;
            }
            tell(&format!("{kind}, {} ms", fault.lasts.as_millis()));
            sleep(fault.lasts).await;
            fault.mend(site).await?;
            let mended = Instant::now();
            match converged(site, &mut control, mended).await? {
                Some(time) => report.converged.entry(kind).or_default().push(time),
                None => report.violations.push(format!(
                    "{kind}: not everything from before had ended after {} s",
                    CONVERGENCE.as_secs()
                )),
            }
        }
    }
}

/// How long it takes until every operation that is open now has ended; nothing when it takes too long. A drain lasts as long as
/// the tenants of its node take; its moves must end like everything else.
async fn converged(site: &mut Site, control: &mut PgConnection, mended: Instant) -> Result<Option<Duration>> {
    let mut before: Option<Vec<sqlx::types::Uuid>> = None;
    while mended.elapsed() < CONVERGENCE {
        revive(site)?;
        let open = open_operations(control, before.as_deref()).await;
        match (open, &before) {
            (Ok(open), None) => before = Some(open),
            (Ok(open), Some(_)) if open.is_empty() => return Ok(Some(mended.elapsed())),
            (Ok(_), Some(_)) => {}
            // Its PostgreSQL was killed; the keeper starts it again.
            (Err(_), _) => {
                if let Ok(again) = PgConnection::connect(site.superuser().as_str()).await {
                    *control = again;
                }
            }
        }
        sleep(LOOK).await;
    }
    Ok(None)
}

async fn open_operations(
    control: &mut PgConnection,
    among: Option<&[sqlx::types::Uuid]>,
) -> sqlx::Result<Vec<sqlx::types::Uuid>> {
    sqlx::query_scalar(
        "SELECT id FROM operation WHERE finished_at IS NULL AND kind <> 'node.drain' AND ($1::uuid[] IS NULL OR id = ANY($1))",
    )
    .bind(among)
    .fetch_all(control)
    .await
}

/// Keeps the processes' logs of a run in which a promise was broken.
fn keep_logs(site: &Site, seed: u64, tell: &dyn Fn(&str)) {
    let kept = std::env::temp_dir().join(format!("tenantry-chaos-logs-{seed}"));
    if std::fs::create_dir_all(&kept).is_err() {
        return;
    }
    for entry in std::fs::read_dir(site.folder()).into_iter().flatten().flatten() {
        let path = entry.path();
        if let (Some("log"), Some(name)) = (path.extension().and_then(|part| part.to_str()), path.file_name())
        {
            // A log that cannot be kept is missed, and changes nothing in the outcome.
            let _ = std::fs::copy(&path, kept.join(name));
        }
    }
    tell(&format!("the logs are kept in {}", kept.display()));
}
