//! What is done regularly: missed runs once, by one of several workers, with its result noted.

use crate::Outcome;
use crate::plant::Plant;
use jiff::SignedDuration;
use operations::{Description, Registry, Regular, Rhythm, StepError};
use serde_json::{Value, json};
use std::sync::Arc;

struct Look(Result<u32, &'static str>);

impl Regular<Plant> for Look {
    async fn run(&self, plant: &Plant) -> Result<Value, StepError> {
        plant.say("looked").await?;
        self.0
            .map(|found| json!({ "found": found }))
            .map_err(|words| StepError::Retry(words.to_owned()))
    }
}

fn hourly() -> Description {
    Description {
        name: "hourly",
        kind: "regular.hourly",
        keeps: ["It looks.", "Mira."],
        rhythm: Rhythm::Cron("0 * * * *"),
        time_zone: "America/Santo_Domingo",
        is_reconciler: false,
    }
}

const RUNS: &str = "SELECT coalesce(sum(runs), 0)::bigint FROM schedule";

#[tokio::test]
async fn runs_that_were_missed_are_done_once_by_one_of_the_workers() -> Outcome {
    let plant = Plant::start().await?;
    plant.to_half_past();
    let registry = Arc::new(Registry::default().regular(hourly(), Look(Ok(3))));
    let workers = [
        plant.work(plant.calm_engine(&registry)),
        plant.work(plant.calm_engine(&registry)),
    ];
    plant.reaches("SELECT count(*) FROM schedule", 1).await?;
    assert_eq!(plant.count(RUNS).await?, 0);
    plant.advance(SignedDuration::from_hours(10));
    plant.reaches(RUNS, 1).await?;
    plant.advance(SignedDuration::from_hours(1));
    plant.reaches(RUNS, 2).await?;
    assert_eq!(plant.said().await?, ["looked", "looked"]);
    let schedule = plant.scoped().schedules().await?.remove(0);
    assert_eq!(schedule.last_result, Some(json!({ "found": 3 })));
    assert!(schedule.last_finished_at.is_some() && schedule.failures == 0);
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}

#[tokio::test]
async fn a_run_that_goes_wrong_is_noted_and_the_next_one_comes() -> Outcome {
    let plant = Plant::start().await?;
    plant.to_half_past();
    let registry = Arc::new(Registry::default().regular(hourly(), Look(Err("no answer"))));
    let worker = plant.work(plant.calm_engine(&registry));
    plant.reaches("SELECT count(*) FROM schedule", 1).await?;
    for wanted in 1..=2 {
        plant.advance(SignedDuration::from_hours(1));
        plant.reaches(RUNS, wanted).await?;
    }
    let schedule = plant.scoped().schedules().await?.remove(0);
    assert_eq!(schedule.last_error.as_deref(), Some("no answer"));
    assert!(schedule.failing_since.is_some() && schedule.failures == 2);
    worker.abort();
    Ok(())
}
