//! Figures for Prometheus, counted when they are asked for.

use crate::{Caller, Control, ControlError};
use domain::Action;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use store::{Actor, NodeRecord};
use wire::node::{Observed, PoolState};

/// One figure of a pool: its name, what it is, its kind, and how it is read.
type PoolFigure = (&'static str, &'static str, &'static str, fn(&PoolState) -> u64);

const POOL_FIGURES: [PoolFigure; 6] = [
    ("ready", "Clones that wait for a tenant.", "gauge", |pool| {
        pool.ready
    }),
    ("wanted", "Clones that should wait.", "gauge", |pool| pool.wanted),
    (
        "hits_total",
        "Tenants that took a ready clone.",
        "counter",
        |pool| pool.hits,
    ),
    (
        "misses_total",
        "Tenants that had to wait for their clone.",
        "counter",
        |pool| pool.misses,
    ),
    (
        "discarded_total",
        "Ready clones that were thrown away.",
        "counter",
        |pool| pool.discarded,
    ),
    (
        "damaged",
        "1 while the template is damaged, and not cloned.",
        "gauge",
        |pool| pool.damage.is_some().into(),
    ),
];

impl Control {
    /// The figures in Prometheus's text format.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn metrics(&self, caller: &Caller) -> Result<String, ControlError> {
        caller.require(Action::ReadMetrics)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let mut text = String::new();
        head(&mut text, "tenantry_tenants", "Tenants by state.", "gauge");
        for (state, count) in scoped.tenants_by_state().await? {
            line(&mut text, "tenantry_tenants", &[("state", &state)], count);
        }
        head(
            &mut text,
            "tenantry_operations_open",
            "Operations that have not ended.",
            "gauge",
        );
        line(
            &mut text,
            "tenantry_operations_open",
            &[],
            scoped.open_operations().await?,
        );
        self.work_figures(&mut text).await?;
        self.backup_figures(&mut text).await?;
        self.archive_figures(&mut text).await?;
        let mut pools = Vec::new();
        let nodes = scoped.nodes().await?;
        self.node_states(&mut text, &nodes);
        for node in nodes {
            let said = scoped.node_observed(node.id).await?;
            let observed = said.and_then(|(said, _)| serde_json::from_value::<Observed>(said).ok());
            pools.push((node.name.to_string(), observed.unwrap_or_default().pools));
        }
        for (figure, help, kind, read) in POOL_FIGURES {
            let name = format!("tenantry_pool_{figure}");
            head(&mut text, &name, help, kind);
            for (node, pools) in &pools {
                for pool in pools {
                    let labels = [("node", node.as_str()), ("template", pool.template.as_str())];
                    line(
                        &mut text,
                        &name,
                        &labels,
                        i64::try_from(read(pool)).unwrap_or(i64::MAX),
                    );
                }
            }
        }
        Ok(text)
    }
}

impl Control {
    /// Figures of the control plane's own work.
    async fn work_figures(&self, text: &mut String) -> Result<(), ControlError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        let name = "tenantry_jobs_open";
        head(
            text,
            name,
            "The control plane's own jobs that have not ended.",
            "gauge",
        );
        for (status, count) in scoped.job_counts().await? {
            line(text, name, &[("status", status.as_str())], count);
        }
        let regular = scoped.schedules().await?;
        for (name, help, kind) in [
            (
                "tenantry_regular_runs_total",
                "Runs of what is done regularly.",
                "counter",
            ),
            (
                "tenantry_regular_failures_total",
                "Runs that went wrong.",
                "counter",
            ),
            (
                "tenantry_regular_failing",
                "Whether the last run went wrong.",
                "gauge",
            ),
        ] {
            head(text, name, help, kind);
            for one in &regular {
                let value = match name {
                    "tenantry_regular_runs_total" => one.runs,
                    "tenantry_regular_failures_total" => one.failures,
                    _ => i64::from(one.failing_since.is_some()),
                };
                line(text, name, &[("name", one.name.as_str())], value);
            }
        }
        Ok(())
    }

    /// Figures of backups; that of tenants without a fresh one is what an alarm is for.
    async fn backup_figures(&self, text: &mut String) -> Result<(), ControlError> {
        let sum = self.backup_sum().await?;
        let scoped = self.store.on_behalf_of(Actor::System);
        let incomplete = scoped.incomplete_backups(self.world.now(), i64::MAX).await?;
        let unproven = scoped.unproven(i64::MAX).await?;
        let unproven: BTreeSet<&str> = unproven.iter().map(|one| one.subdomain.as_str()).collect();
        let incomplete: BTreeSet<&str> = incomplete.iter().map(|one| one.subdomain.as_str()).collect();
        for (name, help, value) in [
            (
                "tenantry_tenants_without_fresh_backup",
                "Tenants in use, paused or suspended without a fresh backup.",
                sum.unguarded,
            ),
            ("tenantry_backups", "Backups that are whole.", sum.kept),
            (
                "tenantry_backups_damaged",
                "Backups that were found damaged.",
                sum.damaged,
            ),
            (
                "tenantry_tenants_backup_incomplete",
                "Tenants whose newest backup in a store lacks more files than an older one.",
                i64::try_from(incomplete.len()).unwrap_or(i64::MAX),
            ),
            (
                "tenantry_tenants_backup_unproven",
                "Tenants of which the last try to restore a backup for proof went wrong.",
                i64::try_from(unproven.len()).unwrap_or(i64::MAX),
            ),
            (
                "tenantry_backup_bytes",
                "Bytes that backups added to their stores.",
                sum.bytes,
            ),
            (
                "tenantry_tenants_proven",
                "Tenants of which a backup was restored for proof in the last 24 hours.",
                sum.proven,
            ),
        ] {
            head(text, name, help, "gauge");
            line(text, name, &[], value);
        }
        Ok(())
    }

    /// Figures of the archives of nodes' PostgreSQL; the first is what an alarm is for.
    async fn archive_figures(&self, text: &mut String) -> Result<(), ControlError> {
        let archives = self.archives().await?;
        let broken = self.broken_archives().await?;
        let name = "tenantry_archive_broken";
        let help = "1 while a node's archive of PostgreSQL's log does not do what it is there for.";
        head(text, name, help, "gauge");
        for (node, _) in &archives {
            let is_broken = broken.iter().any(|one| one.node == node.as_str());
            line(text, name, &[("node", node.as_str())], i64::from(is_broken));
        }
        let name = "tenantry_archive_window_seconds";
        let help = "How long the time is to whose moments a node's tenants can be brought back.";
        head(text, name, help, "gauge");
        for (node, archive) in &archives {
            let window = archive.earliest.zip(archive.latest);
            let seconds = window.map_or(0, |(from, until)| until.duration_since(from).as_secs().max(0));
            line(text, name, &[("node", node.as_str())], seconds);
        }
        Ok(())
    }

    fn node_states(&self, text: &mut String, nodes: &[NodeRecord]) {
        let name = "tenantry_node_state";
        head(
            text,
            name,
            "1 for the state that a node is in: online, away or lost.",
            "gauge",
        );
        for node in nodes {
            let shown = self.node_view(node.clone());
            for state in ["online", "away", "lost"] {
                let labels = [("node", shown.name.as_str()), ("state", state)];
                line(text, name, &labels, i64::from(shown.state == state));
            }
        }
    }
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    // Writing into a String cannot fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

/// Every label is a word of ours, so that nothing in it needs escaping.
fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: i64) {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    let labels = match labels.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", labels.join(",")),
    };
    let _ = writeln!(text, "{name}{labels} {value}");
}
