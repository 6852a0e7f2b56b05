//! The node's pool of ready clones, and waiting until nothing goes on in the background.

use crate::ground::Ground;
use crate::measure::milliseconds;
use crate::processes::machine_ticks;
use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The installation is at rest when it used at most so many ticks of 10 ms in a window longer than the node's pause
/// between two clones: 5 % of one core.
const WINDOW: Duration = Duration::from_millis(600);
const TICKS: u64 = 3;
/// How long rest is waited for: a full pool takes 20 clones, a purge in the background some seconds.
const PATIENCE: Duration = Duration::from_secs(120);

impl Ground {
    /// Sets how many clones the node keeps ready, as an operator does: in the node's configuration file, and has the
    /// node started again. Returns when they are there and everything is at rest.
    pub(crate) async fn set_pool(&self, size: u32) -> Result<()> {
        let path = self.path("node/node.toml");
        let mut file: toml::Table = std::fs::read_to_string(&path)?.parse()?;
        let mut section = toml::Table::new();
        for (key, value) in [("least", size), ("most", size), ("pause_ms", 250)] {
            section.insert(key.to_owned(), value.into());
        }
        file.insert("pool".to_owned(), section.into());
        // Written in place, so that its owner and mode stay.
        std::fs::write(&path, toml::to_string(&file)?)?;
        let before = self.processes.noted("node")?;
        self.processes.end("node")?;
        let local = self.installation.local_api()?;
        let started = async || {
            let now = self.processes.noted("node").is_ok_and(|now| now != before);
            now && local.send(Method::GET, "/health", &[], None).await.is_ok()
        };
        e2e::eventually(PATIENCE, "the node is started again", started).await?;
        let filled = async || self.ready_clones().await.is_ok_and(|ready| ready == size);
        e2e::eventually(PATIENCE, "the pool has its size", filled).await?;
        self.rest(size).await
    }

    /// How many clones are ready.
    pub(crate) async fn ready_clones(&self) -> Result<u32> {
        self.number(
            "tenantry_journal",
            "SELECT count(*) FROM managed_database WHERE standing = 'pooled'",
        )
        .await
    }

    /// Waits until at least so many clones are ready and the installation's processes do nothing: no clone is being
    /// made, no page warmed, no database vacuumed.
    pub(crate) async fn rest(&self, ready: u32) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (ours, machine) = (self.processes.ticks()?, machine_ticks()?);
            sleep(WINDOW).await;
            let used = self.processes.ticks()?.saturating_sub(ours);
            let machine = machine_ticks()?.saturating_sub(machine);
            let there = self.ready_clones().await.context("looking at the pool")?;
            if used <= TICKS && there >= ready {
                self.note_others(machine.saturating_sub(used));
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "no rest within {PATIENCE:?}: {there} clones ready, {used} ticks used in {WINDOW:?}"
            );
        }
    }

    /// Notes what others used of the machine while the installation rested.
    fn note_others(&self, ticks: u64) {
        let share = milliseconds(Duration::from_millis(ticks * 10)) / milliseconds(WINDOW);
        self.others
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(share);
    }

    /// How much of the machine others used in the meantime, in the table's words.
    ///
    /// # Errors
    /// When nothing was measured.
    pub(crate) fn others(&self) -> Result<String> {
        let figure = self
            .others
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .figure()?;
        Ok(format!(
            "Before the samples, at rest, others used {:.2} cores of this machine (median of {} looks; p99 {:.2}).",
            figure.median,
            figure.samples,
            figure.p99.unwrap_or_default()
        ))
    }
}
