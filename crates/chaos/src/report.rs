//! What a run found, as a table.

use crate::client::Told;
use crate::drainer::Drained;
use crate::fault::Kind;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// With this seed the same attack comes again.
    pub seed: u64,
    /// How long the attack lasted.
    pub lasted: Duration,
    /// Per kind of fault, how long it took from mending until everything from before had ended.
    pub(crate) converged: BTreeMap<Kind, Vec<Duration>>,
    /// Kinds that cannot be had on this machine.
    pub(crate) left_out: Vec<Kind>,
    /// What became of the drains.
    pub(crate) drained: Drained,
    /// Operations by kind: done, and failed and undone.
    pub(crate) kinds: BTreeMap<String, [usize; 2]>,
    /// Copies of moved tenants that are kept at the end.
    pub(crate) copies: usize,
    /// What the clients were told, added up.
    pub(crate) told: Told,
    /// Promises that were broken.
    pub violations: Vec<String>,
}

impl Report {
    /// Faults that were injected.
    pub fn faults(&self) -> usize {
        self.converged.values().map(Vec::len).sum()
    }

    /// Changes that clients were told are done.
    pub fn done(&self) -> usize {
        self.told.done
    }

    pub(crate) fn add(&mut self, told: Told) {
        let sum = &mut self.told;
        sum.requests += told.requests;
        sum.repeats += told.repeats;
        sum.done += told.done;
        sum.internal += told.internal;
        for (code, count) in told.failed {
            *sum.failed.entry(code).or_default() += count;
        }
        for (kind, count) in told.refused {
            *sum.refused.entry(kind).or_default() += count;
        }
        sum.operations.extend(told.operations);
        sum.tenants.extend(told.tenants);
        self.violations.extend(told.violations);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "seed {}, {} s of attack", self.seed, self.lasted.as_secs())?;
        writeln!(out)?;
        writeln!(
            out,
            "| fault | times | until all from before had ended: median | longest |"
        )?;
        writeln!(out, "|---|--:|--:|--:|")?;
        for (kind, times) in &self.converged {
            let mut sorted = times.clone();
            sorted.sort();
            let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
            let longest = sorted.last().copied().unwrap_or_default();
            writeln!(
                out,
                "| {kind} | {} | {:.1} s | {:.1} s |",
                times.len(),
                median.as_secs_f32(),
                longest.as_secs_f32()
            )?;
        }
        for kind in &self.left_out {
            writeln!(out, "| {kind} | cannot be had here | | |")?;
        }
        let told = &self.told;
        writeln!(out)?;
        writeln!(
            out,
            "faults {}, requests {} (sent again {}), done {}, operations {}",
            self.faults(),
            told.requests,
            told.repeats,
            told.done,
            told.operations.len()
        )?;
        writeln!(
            out,
            "failed and undone {:?}, refused {:?}, internal errors {}",
            told.failed, told.refused, told.internal
        )?;
        let kinds = self.kinds.iter();
        let kinds = kinds.map(|(kind, [done, failed])| format!("{kind} {done}/{failed}"));
        writeln!(
            out,
            "operations by kind (done/failed): {}",
            kinds.collect::<Vec<_>>().join(", ")
        )?;
        let drained = &self.drained;
        writeln!(
            out,
            "drains {:?}, stale plans {}, tenants moved by them {}, moves of theirs that failed {:?}",
            drained.ended, drained.stale, drained.moved, drained.failed
        )?;
        writeln!(
            out,
            "tenants at the end {}, copies kept {}, violations {}",
            told.tenants.len(),
            self.copies,
            self.violations.len()
        )?;
        for violation in &self.violations {
            writeln!(out, "  {violation}")?;
        }
        Ok(())
    }
}
