//! Creations a second: while there are ready clones, and after.

use crate::arguments::Effort;
use crate::ground::Ground;
use crate::measure::{Contest, interleaved};
use crate::raw::Raw;
use crate::rows::Findings;
use crate::rows::creation::RAW;
use crate::table::{Row, Unit};
use crate::tenants::{Access, Made, from_pool};
use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::time::Duration;
use tokio::time::Instant;

/// How many are asked for at once.
const AT_ONCE: usize = 4;
/// How many clones are ready, and how many tenants are made in a round.
const READY: u32 = 20;
const TENANTS: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Ready,
    Dry,
    Raw,
}

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    ground.set_pool(READY).await?;
    let mut rates = Contest::new();
    for way in interleaved(effort.samples(1, 3), &[What::Ready, What::Raw]) {
        ground.rest(READY).await?;
        match way {
            What::Raw => rates.of(What::Raw).push(raw(ground).await?),
            _ => {
                let (ready, dry) = ours(ground).await?;
                rates.of(What::Ready).push(ready);
                rates.of(What::Dry).push(dry);
                ground.purge_deleted().await?;
            }
        }
    }
    let beside = format!("{RAW}, {AT_ONCE} at once");
    let row = |what: &str, rate: What| -> Result<Row> {
        let row = Row::new(
            format!("creations, {AT_ONCE} at once, {what}"),
            Unit::PerSecond,
            rates.figure(&rate)?,
        );
        Ok(row.beside(beside.clone(), rates.figure(&What::Raw)?))
    };
    let rows = vec![
        row("until the pool is dry", What::Ready)?,
        row("after that", What::Dry)?,
    ];
    Ok(Findings {
        rows,
        ..Findings::default()
    })
}

/// Makes many tenants; the rates until the last ready clone was used, and from then on.
async fn ours(ground: &Ground) -> Result<(f64, f64)> {
    let began = Instant::now();
    let make = async |_| -> Result<(Made, Duration)> {
        let made = ground.make(Access::Link).await?;
        Ok((made, began.elapsed()))
    };
    let all: Vec<(Made, Duration)> = stream::iter(0..TENANTS)
        .map(make)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let (mut ready, mut dry) = (Vec::new(), Vec::new());
    for (made, at) in &all {
        match from_pool(&ground.operation(made).await?)? {
            true => ready.push(*at),
            false => dry.push(*at),
        }
    }
    let remove = async |(made, _): (Made, Duration)| ground.remove(&made).await;
    ground.rest(0).await?;
    stream::iter(all)
        .map(remove)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    let last_ready = ready
        .iter()
        .max()
        .copied()
        .context("no clone came from the pool")?;
    let end = dry.iter().max().copied().context("the pool never was dry")?;
    let after = end.saturating_sub(last_ready);
    Ok((a_second(ready.len(), last_ready), a_second(dry.len(), after)))
}

/// Clones the template as many times, as many at once.
async fn raw(ground: &Ground) -> Result<f64> {
    let mut raws = Vec::new();
    for _ in 0..AT_ONCE {
        raws.push(Raw::open(ground).await?);
    }
    let began = Instant::now();
    let clone = async |raw: &mut Raw| -> Result<()> {
        for _ in 0..TENANTS / AT_ONCE {
            raw.clone_template(ground).await?;
        }
        Ok(())
    };
    futures_util::future::try_join_all(raws.iter_mut().map(clone)).await?;
    let took = began.elapsed();
    for mut raw in raws {
        raw.drop_clones().await?;
    }
    Ok(a_second(TENANTS, took))
}

fn a_second(count: usize, time: Duration) -> f64 {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    f64::from(count) / time.as_secs_f64()
}
