//! Creation and suspension as the databases on the cluster grow in number.

use crate::arguments::Effort;
use crate::ground::{Ground, POOL};
use crate::measure::{Contest, Figure};
use crate::rows::Findings;
use crate::rows::creation::{RAW, Source, Way, measure};
use crate::rows::suspension::set;
use crate::table::Row;
use crate::tenants::Access;
use anyhow::Result;
use tokio::time::Instant;

/// So many databases are on the cluster, at least.
const LEVELS: [u32; 3] = [10, 100, 1000];

/// What is suspended or resumed.
const SUSPEND: &str = "suspend";
const RESUME: &str = "resume";

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    let levels = if effort == Effort::Full {
        &LEVELS[..]
    } else {
        &LEVELS[..2]
    };
    let done = grow(ground, levels, effort.samples(4, 10)).await;
    drop_fillers(ground).await?;
    done
}

async fn grow(ground: &Ground, levels: &[u32], rounds: usize) -> Result<Findings> {
    ground.set_pool(POOL).await?;
    let mut findings = Findings::default();
    let mut first: Option<(Figure, Figure)> = None;
    for level in levels {
        fill(ground, *level).await?;
        let there = databases(ground).await?;
        let creations = measure(ground, Source::Pool, rounds, &[Way::Ours(Access::Link), Way::Raw]).await?;
        let suspensions = suspend(ground, rounds).await?;
        ground.purge_deleted().await?;
        let (created, suspended) = (creations.ours(Access::Link)?, suspensions.figure(&SUSPEND)?);
        let what = format!("create from the pool, {there} databases");
        findings
            .rows
            .push(Row::time(what, created).beside(RAW, creations.raw()?));
        let row = Row::time(
            format!("suspend, API call to answer, {there} databases"),
            suspended,
        );
        findings.rows.push(match first {
            None => row,
            Some((_, few)) => row.beside("the same with the fewest", few),
        });
        if let Some((few, _)) = first {
            let row = Row::time(format!("create from the pool, {there} databases"), created);
            findings.rows.push(row.beside("the same with the fewest", few));
        }
        first.get_or_insert((created, suspended));
    }
    Ok(findings)
}

/// How long calls that suspend and resume one tenant take.
async fn suspend(ground: &Ground, rounds: usize) -> Result<Contest<&'static str>> {
    let made = ground.make(Access::Link).await?;
    ground.rest(0).await?;
    let mut calls = Contest::new();
    for _ in 0..rounds {
        for verb in [SUSPEND, RESUME] {
            let began = Instant::now();
            set(ground, &made.subdomain, verb).await?;
            calls.of(verb).push_time(began.elapsed());
        }
    }
    ground.remove(&made).await?;
    Ok(calls)
}

async fn databases(ground: &Ground) -> Result<u32> {
    ground
        .number("postgres", "SELECT count(*) FROM pg_database")
        .await
}

/// Adds empty databases, which nobody opens: what grows is the cluster's catalogue, not Odoo's memory.
async fn fill(ground: &Ground, level: u32) -> Result<()> {
    let missing = level.saturating_sub(databases(ground).await?);
    for _ in 0..missing {
        let name = ground.name().replace('-', "_");
        let statement = format!("CREATE DATABASE filler_{name} TEMPLATE template0");
        ground.installation.postgres().run("postgres", &statement).await?;
    }
    ground.rest(3).await
}

async fn drop_fillers(ground: &Ground) -> Result<()> {
    let postgres = ground.installation.postgres();
    for name in postgres
        .databases()
        .await?
        .iter()
        .filter(|name| name.starts_with("filler_"))
    {
        postgres.run("postgres", &format!("DROP DATABASE {name}")).await?;
    }
    Ok(())
}
