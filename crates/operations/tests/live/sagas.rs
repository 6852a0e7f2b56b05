//! A saga with a fault at each moment of each step, going forward and back, with two workers of which one dies.

use crate::Outcome;
use crate::plant::Plant;
use operations::{
    Engine, Fault, Moment, Point, Probe, Registry, Run, Saga, Step, StepError, Turn, Work, enqueue,
};
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

const STEPS: [&str; 3] = ["outside", "inside", "last"];

/// An effect outside of the control plane's transaction: idempotent by its key.
struct Outside(&'static str);

/// An effect in the transaction that stores the output: it is counted, so that doing it twice would be seen.
struct Inside(&'static str);

async fn effect(plant: &Plant, saga: &str, step: &str, sign: i32) -> Result<(), StepError> {
    let text = match sign {
        1 => "INSERT INTO ledger VALUES ($1, $2, 1) ON CONFLICT (saga, step) DO UPDATE SET n = 1",
        _ => "UPDATE ledger SET n = 0 WHERE saga = $1 AND step = $2",
    };
    let done = sqlx::query(text).bind(saga).bind(step).execute(&plant.pool).await;
    done.map(|_| ())
        .map_err(|error| StepError::Retry(error.to_string()))
}

impl Step<Plant> for Outside {
    async fn apply(&self, run: &Run<Plant>) -> Result<Turn, StepError> {
        effect(&run.host, &run.job().to_string(), self.0, 1).await?;
        Ok(Turn::Done(json!(self.0)))
    }

    async fn undo(&self, run: &Run<Plant>) -> Result<Turn, StepError> {
        assert!(run.failure.is_some());
        effect(&run.host, &run.job().to_string(), self.0, -1).await?;
        Ok(Turn::Done(Value::Null))
    }
}

impl Step<Plant> for Inside {
    async fn apply(&self, run: &Run<Plant>) -> Result<Turn, StepError> {
        // What an earlier step gave was stored before this one began.
        assert_eq!(run.output::<String>("outside")?, "outside");
        let unit = run.begin().await?;
        Ok(Turn::Within(unit, json!(self.0)))
    }

    async fn undo(&self, run: &Run<Plant>) -> Result<Turn, StepError> {
        Ok(Turn::Within(run.begin().await?, Value::Null))
    }
}

fn registry() -> Arc<Registry<Plant>> {
    let saga = Saga::new("test", 1)
        .step(STEPS[0], Outside(STEPS[0]))
        .step(STEPS[1], Inside(STEPS[1]))
        .step(STEPS[2], Outside(STEPS[2]));
    Arc::new(Registry::default().saga(saga))
}

/// What is to happen at a point, once.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    Order(Fault),
    Die,
}

/// The trouble of a run, shared by its workers.
struct Troubles {
    list: Vec<(Point, Trouble, AtomicBool)>,
}

struct Watched {
    troubles: Arc<Troubles>,
    died: Arc<Notify>,
}

impl Probe for Watched {
    fn at(&self, point: Point) -> Pin<Box<dyn Future<Output = Fault> + Send + '_>> {
        Box::pin(async move {
            let here = self
                .troubles
                .list
                .iter()
                .find(|(at, _, over)| *at == point && !over.swap(true, Ordering::SeqCst));
            match here {
                Some((_, Trouble::Order(fault), _)) => *fault,
                Some((_, Trouble::Die, _)) => {
                    self.died.notify_one();
                    std::future::pending().await
                }
                None => Fault::None,
            }
        })
    }
}

fn point(step: &'static str, moment: Moment) -> Point {
    Point {
        kind: "test",
        step,
        moment,
    }
}

/// Runs one saga through these troubles; gives its end.
async fn through(plant: &Plant, troubles: Vec<(Point, Trouble)>) -> Outcome<String> {
    let registry = registry();
    let list = troubles
        .into_iter()
        .map(|(point, trouble)| (point, trouble, AtomicBool::new(false)));
    let troubles = Arc::new(Troubles { list: list.collect() });
    let mut unit = plant.scoped().begin().await?;
    let work = Work::new("test", 1, Value::Null).one_at_a_time("one");
    let id = enqueue(plant, &mut unit, work).await?;
    unit.commit().await?;
    let start = || {
        let died = Arc::new(Notify::new());
        let probe = Watched {
            troubles: Arc::clone(&troubles),
            died: Arc::clone(&died),
        };
        let engine: Engine<Plant> = plant.engine(&registry).with_probe(Arc::new(probe));
        (plant.work(engine), died)
    };
    let mut workers = [start(), start()];
    let ended = async {
        for _ in 0..1000 {
            let job = plant.scoped().job(id).await?.ok_or("the job")?;
            if job.finished_at.is_some() {
                return Ok::<_, Box<dyn std::error::Error + Send + Sync>>(job.status.to_string());
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Err(format!("it has not ended: {:?}", plant.scoped().saga_steps(id).await?).into())
    };
    tokio::pin!(ended);
    let status = loop {
        let (one, two) = (Arc::clone(&workers[0].1), Arc::clone(&workers[1].1));
        let dead = tokio::select! {
            status = &mut ended => break status?,
            () = one.notified() => 0,
            () = two.notified() => 1,
        };
        // Killed where it stands, and another one started in its place.
        workers[dead].0.abort();
        workers[dead] = start();
    };
    workers.iter().for_each(|(worker, _)| worker.abort());
    let open = troubles
        .list
        .iter()
        .find(|(_, _, over)| !over.load(Ordering::SeqCst));
    assert!(
        open.is_none(),
        "a trouble was never met: {:?}",
        open.map(|(point, trouble, _)| (point, trouble))
    );
    let left: i64 = sqlx::query_scalar("SELECT coalesce(sum(n), 0)::bigint FROM ledger WHERE saga = $1")
        .bind(id.to_string())
        .fetch_one(&plant.pool)
        .await?;
    assert_eq!(left, if status == "succeeded" { 2 } else { 0 }, "{status}");
    let held = plant
        .count("SELECT count(*) FROM job WHERE holds_key OR finished_at IS NULL")
        .await?;
    assert_eq!(held, 0);
    Ok(status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_survives_every_fault_and_every_death() -> Outcome {
    let plant = Plant::start().await?;
    assert_eq!(through(&plant, vec![]).await?, "succeeded");
    for step in STEPS {
        for moment in [Moment::Before, Moment::Within] {
            let failed = vec![(point(step, moment), Trouble::Order(Fault::Fail))];
            assert_eq!(through(&plant, failed).await?, "failed", "{step} {moment:?}");
            for trouble in [Trouble::Order(Fault::Retry), Trouble::Die] {
                let status = through(&plant, vec![(point(step, moment), trouble)]).await?;
                assert_eq!(status, "succeeded", "{step} {moment:?} {trouble:?}");
            }
        }
        let repeated = vec![(point(step, Moment::Within), Trouble::Order(Fault::Repeat))];
        assert_eq!(through(&plant, repeated).await?, "succeeded", "{step}");
        let died = vec![(point(step, Moment::After), Trouble::Die)];
        assert_eq!(through(&plant, died).await?, "succeeded", "{step}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undoing_survives_every_fault_and_every_death() -> Outcome {
    let plant = Plant::start().await?;
    let last = (point("last", Moment::Within), Trouble::Order(Fault::Fail));
    for step in STEPS {
        for moment in [Moment::BeforeUndo, Moment::WithinUndo] {
            for trouble in [
                Trouble::Order(Fault::Retry),
                Trouble::Order(Fault::Repeat),
                Trouble::Die,
            ] {
                let status = through(&plant, vec![last.clone(), (point(step, moment), trouble)]).await?;
                assert_eq!(status, "failed", "{step} {moment:?} {trouble:?}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_cancelled_saga_undoes_what_it_did() -> Outcome {
    let plant = Plant::start().await?;
    let mut unit = plant.scoped().begin().await?;
    let id = enqueue(&plant, &mut unit, Work::new("test", 1, Value::Null)).await?;
    unit.commit().await?;
    let died = Arc::new(Notify::new());
    let troubles = vec![(
        point("inside", Moment::Before),
        Trouble::Die,
        AtomicBool::new(false),
    )];
    let probe = Watched {
        troubles: Arc::new(Troubles { list: troubles }),
        died: Arc::clone(&died),
    };
    let registry = registry();
    let worker = plant.work(plant.engine(&registry).with_probe(Arc::new(probe)));
    died.notified().await;
    let mut unit = plant.scoped().begin().await?;
    unit.ask_to_turn_back(id, "not wanted any more", operations::Host::now(&plant))
        .await?;
    unit.commit().await?;
    worker.abort();
    let worker = plant.work(plant.engine(&registry));
    plant
        .reaches(
            "SELECT count(*) FROM job WHERE status = 'failed' AND failure_code = 'cancelled'",
            1,
        )
        .await?;
    assert_eq!(
        plant
            .count("SELECT coalesce(sum(n), 0)::bigint FROM ledger")
            .await?,
        0
    );
    worker.abort();
    Ok(())
}
