//! Every saga of the registry, broken at each moment of each step, with two workers of which one dies; then what is left is
//! looked for. A saga without a scenario fails the test.

use crate::{Outcome, Plane};
use control::{Caller, Control, NodeSession, registry};
use domain::OperationId;
use operations::{Backoff, Engine, Fault, Moment, Pace, Point, Probe};
use serde_json::json;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use wire::node::ManagedSeen;

#[derive(Clone, Copy, Debug)]
enum Trouble {
    Order(Fault),
    Die,
}

/// What goes wrong, once, wherever one of the workers gets to it.
struct Once {
    point: Point,
    trouble: Trouble,
    met: AtomicBool,
}

struct Watched {
    trouble: Arc<Once>,
    died: Arc<Notify>,
}

impl Probe for Watched {
    fn at(&self, point: Point) -> Pin<Box<dyn Future<Output = Fault> + Send + '_>> {
        Box::pin(async move {
            if point != self.trouble.point || self.trouble.met.swap(true, Ordering::SeqCst) {
                return Fault::None;
            }
            match self.trouble.trouble {
                Trouble::Order(fault) => fault,
                Trouble::Die => {
                    self.died.notify_one();
                    std::future::pending().await
                }
            }
        })
    }
}

fn pace() -> Pace {
    Pace {
        slots: 4,
        lease: Duration::from_millis(500),
        poll: Duration::from_millis(100),
        backoff: Backoff {
            first: jiff::SignedDuration::from_millis(10),
            longest: jiff::SignedDuration::from_millis(50),
        },
    }
}

/// Begins a saga of this kind on a tenant of its own; gives the operation.
async fn begin(plane: &Plane, kind: &str, name: &str) -> Outcome<OperationId> {
    match kind {
        "tenant.mend" => {
            plane.tenant(name).await?;
            let wrong = ManagedSeen {
                marker: "none".to_owned(),
                ..plane.seen(name).await?
            };
            plane.tells(vec![wrong]).await?;
            let plan = plane.control.drift(&Caller::system()).await?.plan();
            plane.control.apply_drift(&Caller::system(), Some(&plan)).await?;
            let query =
                "SELECT 'ope_' || replace(id::text, '-', '') FROM operation WHERE kind = 'tenant.mend'
                ORDER BY created_at DESC LIMIT 1";
            Ok(plane.texts(query).await?.remove(0).parse()?)
        }
        "tenant.move" => {
            plane.tenant(name).await?;
            crate::moving::begin(plane, name).await
        }
        "node.drain" => {
            // Each round empties the node anew.
            sqlx::query("UPDATE node SET mode = 'active'")
                .execute(&plane.pool)
                .await?;
            plane.tenant(name).await?;
            let plan = crate::draining::plan(&plane.control, json!({})).await?.plan;
            Ok(crate::draining::start(&plane.control, json!({ "plan": plan })).await?)
        }
        "tenant.backup" => {
            plane.tenant(name).await?;
            crate::backups::knows(plane).await?;
            crate::backups::take(plane, name).await
        }
        "backup.verify" | "tenant.restore" | "backup.prune" => {
            plane.tenant(name).await?;
            crate::backups::knows(plane).await?;
            crate::backups::with_one(plane, kind, name).await
        }
        "backup.send" => {
            plane.tenant(name).await?;
            crate::backups::knows(plane).await?;
            crate::downloads::begin(plane, name).await
        }
        kind => Err(format!("the saga {kind} has no scenario here; give it one").into()),
    }
}

fn start(control: &Control, trouble: &Arc<Once>) -> (JoinHandle<()>, Arc<Notify>) {
    let died = Arc::new(Notify::new());
    let probe = Watched {
        trouble: Arc::clone(trouble),
        died: Arc::clone(&died),
    };
    let engine: Engine<Control> = control.worker(pace()).with_probe(Arc::new(probe));
    let control = control.clone();
    let work = tokio::spawn(async move {
        tokio::join!(control.listen(), engine.run());
    });
    (work, died)
}

/// Runs one saga through its trouble; gives the state in which its operation ended.
async fn through(
    plane: &Plane,
    beta: Option<NodeSession>,
    kind: &'static str,
    number: usize,
    point: Point,
    trouble: Trouble,
) -> Outcome<String> {
    let operation = begin(plane, kind, &format!("tenant{number}")).await?;
    let trouble = Arc::new(Once {
        point,
        trouble,
        met: AtomicBool::new(false),
    });
    let mut workers = [start(&plane.control, &trouble), start(&plane.control, &trouble)];
    let ended = async {
        for _ in 0..1000 {
            plane.answer(true).await?;
            if let Some(beta) = beta {
                plane.answer_as(beta, true).await?;
            }
            let now = plane.control.operation(&Caller::system(), operation).await?;
            if now.state.is_final() {
                return Ok::<_, Box<dyn std::error::Error + Send + Sync>>(now.state.to_string());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("it has not ended".into())
    };
    tokio::pin!(ended);
    let state = loop {
        let (one, two) = (Arc::clone(&workers[0].1), Arc::clone(&workers[1].1));
        let dead = tokio::select! {
            state = &mut ended => break state,
            () = one.notified() => 0,
            () = two.notified() => 1,
        };
        workers[dead].0.abort();
        workers[dead] = start(&plane.control, &trouble);
    };
    workers.iter().for_each(|(work, _)| work.abort());
    let state = state.map_err(|error| format!("{:?}: {error}", trouble.point))?;
    assert!(
        trouble.met.load(Ordering::SeqCst),
        "{:?} was never reached",
        trouble.point
    );
    Ok(state)
}

/// What must not be left of any saga, however it ended.
const LEFT: &str = "SELECT 'operation ' || kind || ' ' || state FROM operation WHERE finished_at IS NULL
    UNION ALL SELECT 'command of ' || node_id FROM node_command WHERE state <> 'done'
    UNION ALL SELECT 'tenant ' || subdomain || ' is busy' FROM tenant WHERE operation_id IS NOT NULL
    UNION ALL SELECT 'tenant ' || subdomain || ' is ' || state FROM tenant WHERE state <> 'active'
    UNION ALL SELECT 'job ' || kind || ' ' || status FROM job WHERE operation_id IS NOT NULL AND (finished_at IS NULL OR holds_key)
    UNION ALL SELECT 'name ' || r.database_name FROM name_reservation r JOIN tenant t ON t.id = r.tenant_id
        WHERE t.database_name <> r.database_name";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_saga_survives_every_fault_at_every_step() -> Outcome {
    let sagas: Vec<(&'static str, Vec<&'static str>)> = registry()
        .sagas()
        .map(|saga| (saga.kind(), saga.step_names()))
        .collect();
    assert!(!sagas.is_empty());
    let mut number = 0;
    for (kind, steps) in sagas {
        let plane = Plane::start().await?;
        let beta = match kind {
            "tenant.move" | "node.drain" => Some(crate::moving::second_node(&plane).await?),
            _ => None,
        };
        for step in steps {
            for (moment, trouble, wanted) in [
                (Moment::Before, Trouble::Order(Fault::Fail), "failed"),
                (Moment::Before, Trouble::Order(Fault::Retry), "succeeded"),
                (Moment::Before, Trouble::Die, "succeeded"),
                (Moment::Within, Trouble::Order(Fault::Fail), "failed"),
                (Moment::Within, Trouble::Order(Fault::Repeat), "succeeded"),
                (Moment::Within, Trouble::Die, "succeeded"),
                (Moment::After, Trouble::Die, "succeeded"),
            ] {
                number += 1;
                let point = Point { kind, step, moment };
                let said = format!("{point:?} {trouble:?}");
                let state = through(&plane, beta, kind, number, point, trouble).await?;
                assert_eq!(state, wanted, "{said}");
                let left = plane.texts(LEFT).await?;
                let by_clock = |one: &String| one.contains("backup.prune") || one.contains("backup.verify");
                if !kind.starts_with("backup.") && left.iter().any(by_clock)
                    || kind != "backup.prune" && left.iter().any(|one| one.contains("backup.prune"))
                {
                    // The clock clears up after a backup that failed, and proves the others; that ends, too.
                    let open = "SELECT count(*)::text FROM operation WHERE finished_at IS NULL";
                    crate::backups::settle(&plane, open, "0").await?;
                }
                assert_eq!(plane.texts(LEFT).await?, [""; 0], "{said}");
                assert_eq!(plane.texts(crate::moving::LEFT).await?, [""; 0], "{said}");
            }
        }
    }
    Ok(())
}
