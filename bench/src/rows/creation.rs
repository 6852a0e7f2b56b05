//! Creating a tenant, with a ready clone and without one, beside PostgreSQL's own statement.

use crate::arguments::Effort;
use crate::ground::{Ground, POOL};
use crate::measure::{Contest, Figure, Samples, interleaved, milliseconds};
use crate::raw::Raw;
use crate::rows::Findings;
use crate::table::{Breakdown, Goal, Row};
use crate::tenants::{Access, Made, from_pool};
use anyhow::Result;
use jiff::Timestamp;
use std::collections::BTreeMap;
use wire::operation::Operation;

/// Where the clone is to come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Pool,
    Nothing,
}

/// Who takes turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    Ours(Access),
    Raw,
}

/// The rival, in the table's words.
pub(crate) const RAW: &str = "`CREATE DATABASE … TEMPLATE`";
const ACCESS: [(Access, &str); 2] = [
    (Access::Link, "one-time link"),
    (Access::Password, "password given"),
];

/// What creations and raw clones took.
pub(crate) struct Creations {
    times: Contest<Way>,
    /// By access, the parts of a creation in their order.
    parts: BTreeMap<Access, Vec<(String, Samples)>>,
    /// Creations whose clone did not come from where it was to come from.
    strays: usize,
}

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    let both = [Way::Ours(Access::Link), Way::Ours(Access::Password), Way::Raw];
    ground.set_pool(POOL).await?;
    let ready = measure(ground, Source::Pool, effort.samples(8, 30), &both).await?;
    ground.purge_deleted().await?;
    ground.set_pool(0).await?;
    let empty = measure(ground, Source::Nothing, effort.samples(5, 15), &both).await?;
    ground.purge_deleted().await?;
    let mut findings = Findings::default();
    for (access, words) in ACCESS {
        let row = Row::time(format!("create from the pool, {words}"), ready.ours(access)?);
        let row = row.beside(RAW, ready.raw()?);
        findings
            .rows
            .push(row.goal(Goal::MedianRatio(0.25)).goal(Goal::P99Ratio(1.0)));
    }
    for (access, words) in ACCESS {
        let row = Row::time(format!("create with an empty pool, {words}"), empty.ours(access)?);
        findings
            .rows
            .push(row.beside(RAW, empty.raw()?).goal(Goal::MedianRatio(1.2)));
    }
    for (creations, title) in [
        (ready, "a creation from the pool"),
        (empty, "a creation with an empty pool"),
    ] {
        findings.breakdowns.push(creations.breakdown(title));
        if creations.strays > 0 {
            let words = format!("{} samples of {title} are left out", creations.strays);
            findings
                .remarks
                .push(format!("{words}: `from_pool` was not as wanted."));
        }
    }
    Ok(findings)
}

/// Lets creations and raw clones take turns, each when everything is at rest.
pub(crate) async fn measure(
    ground: &Ground,
    source: Source,
    rounds: usize,
    ways: &[Way],
) -> Result<Creations> {
    let mut raw = Raw::open(ground).await?;
    let mut creations = Creations {
        times: Contest::new(),
        parts: BTreeMap::new(),
        strays: 0,
    };
    let ready = if source == Source::Pool { 2 } else { 0 };
    for way in interleaved(rounds, ways) {
        ground.rest(ready).await?;
        match way {
            Way::Raw => {
                let took = raw.clone_template(ground).await?;
                creations.times.of(way).push_time(took);
            }
            Way::Ours(access) => {
                let made = ground.make(access).await?;
                let operation = ground.operation(&made).await?;
                if from_pool(&operation)? == (source == Source::Pool) {
                    creations.times.of(way).push_time(made.took);
                    creations.keep_parts(access, &made, &operation);
                } else {
                    creations.strays += 1;
                }
                // The page is warmed in the background; a deletion would cut that short.
                ground.rest(0).await?;
                ground.remove(&made).await?;
            }
        }
    }
    // Not before: dropping a database makes PostgreSQL write everything to disk, which ours do not.
    raw.drop_clones().await?;
    Ok(creations)
}

impl Creations {
    pub(crate) fn ours(&self, access: Access) -> Result<Figure> {
        self.times.figure(&Way::Ours(access))
    }

    pub(crate) fn raw(&self) -> Result<Figure> {
        self.times.figure(&Way::Raw)
    }

    fn keep_parts(&mut self, access: Access, made: &Made, operation: &Operation) {
        let known = self.parts.entry(access).or_default();
        for (name, value) in parts(made, operation) {
            match known.iter_mut().find(|(known, _)| *known == name) {
                Some((_, samples)) => samples.push(value),
                None => {
                    let mut samples = Samples::default();
                    samples.push(value);
                    known.push((name, samples));
                }
            }
        }
    }

    fn breakdown(&self, title: &str) -> Breakdown {
        let columns = ACCESS.map(|(access, _)| access);
        let part = |access: Access, name: &str| {
            let samples = self.parts.get(&access)?.iter().find(|(known, _)| known == name);
            Some(samples?.1.figure().ok()?.median)
        };
        let names = self
            .parts
            .values()
            .next()
            .into_iter()
            .flatten()
            .map(|(name, _)| name);
        let line = |name: &String| (name.clone(), columns.map(|access| part(access, name)).to_vec());
        let mut lines: Vec<_> = names.map(line).collect();
        let whole = columns.map(|access| self.ours(access).ok().map(|figure| figure.median));
        lines.push(("the whole call".to_owned(), whole.to_vec()));
        Breakdown {
            title: format!("Where the time of {title} goes (median of each part):"),
            columns: ACCESS.map(|(_, words)| words.to_owned()).to_vec(),
            lines,
        }
    }
}

/// The parts of a creation by the clock that client, server and node share. A step lasts until the next one begins,
/// so that it has the journal's entry before it, and its digits below a millisecond.
fn parts(made: &Made, operation: &Operation) -> Vec<(String, f64)> {
    let mut marks = vec![(
        "API: request, checks, one transaction".to_owned(),
        Some(made.sent),
    )];
    let mut mark = |name: &str, at: Option<Timestamp>| marks.push((name.to_owned(), at));
    mark("queue: to the node's poll", Some(operation.created_at));
    mark("node: before its first step", operation.started_at);
    for step in &operation.steps {
        mark(&format!("node: step `{}`", step.name), Some(step.started_at));
    }
    let last = operation.steps.last();
    let steps_end = last.and_then(|step| {
        let took = std::time::Duration::from_millis(step.milliseconds?);
        step.started_at.checked_add(took).ok()
    });
    mark("node: the outcome, to the server", steps_end);
    mark("API: wake up and answer", operation.finished_at);
    mark("", Some(made.answered));
    let pairs = marks.windows(2).filter_map(|pair| match pair {
        [(name, Some(from)), (_, Some(to))] => Some((name.clone(), span(*from, *to))),
        _ => None,
    });
    let mut parts: Vec<_> = pairs.collect();
    let steps: f64 = parts
        .iter()
        .filter(|(name, _)| name.contains("step `"))
        .map(|(_, value)| value)
        .sum();
    parts.push((
        "outside of the node's steps".to_owned(),
        milliseconds(made.took) - steps,
    ));
    parts
}

fn span(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() * 1000.0
}
