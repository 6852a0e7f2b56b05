//! Somebody who has work done: a database of the test's own, a clock and a seed, and a ledger of effects.

use crate::Outcome;
use jiff::{SignedDuration, Timestamp};
use operations::{Engine, Host, Pace, Registry, SagaEnd, StepError};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Actor, JobRecord, Scoped, Signals, Store, Unit};
use testkit::{CONTROL, TestCluster};
use tokio::task::JoinHandle;
use uuid::Uuid;

#[derive(Clone)]
pub struct Plant {
    store: Store,
    signals: Signals,
    pub pool: sqlx::PgPool,
    random: Arc<Mutex<StdRng>>,
    shift: Arc<Mutex<SignedDuration>>,
    _cluster: Arc<TestCluster>,
}

impl Plant {
    pub async fn start() -> Outcome<Self> {
        let cluster = TestCluster::of(CONTROL).await?;
        let (name, pool) = cluster.migrated_database(&store::MIGRATIONS).await?;
        let mut url = cluster.url().clone();
        url.set_path(&name);
        let store = Store::open(url.as_str(), 8)?;
        sqlx::query("CREATE TABLE ledger (saga text, step text, n int, PRIMARY KEY (saga, step))")
            .execute(&pool)
            .await?;
        sqlx::query("CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY, said text)")
            .execute(&pool)
            .await?;
        Ok(Self {
            store,
            signals: Signals::new(),
            pool,
            random: Arc::new(Mutex::new(StdRng::seed_from_u64(7))),
            shift: Arc::default(),
            _cluster: Arc::new(cluster),
        })
    }

    pub fn scoped(&self) -> Scoped {
        self.store.on_behalf_of(Actor::System)
    }

    /// Goes to half past an hour, when nothing that is due at a full hour comes by itself.
    pub fn to_half_past(&self) {
        let second = self.now().as_second().rem_euclid(3600);
        self.advance(SignedDuration::from_secs(3600 + 1800 - second));
    }

    pub fn advance(&self, by: SignedDuration) {
        let mut shift = self.shift.lock().expect("a lock");
        *shift += by;
    }

    /// One whose work is taken from it soon after it was last heard of, where that is what is looked at.
    pub fn engine(&self, registry: &Arc<Registry<Self>>) -> Engine<Self> {
        Engine::new(self.clone(), Arc::clone(registry), quick())
    }

    /// One that a machine may hold up for a while.
    pub fn calm_engine(&self, registry: &Arc<Registry<Self>>) -> Engine<Self> {
        self.engine_with(registry, Duration::from_secs(10))
    }

    /// One whose work is taken from it when it was not heard of for so long.
    pub fn engine_with(&self, registry: &Arc<Registry<Self>>, lease: Duration) -> Engine<Self> {
        Engine::new(self.clone(), Arc::clone(registry), Pace { lease, ..quick() })
    }

    /// A worker at work, and somebody who listens for it.
    pub fn work(&self, engine: Engine<Self>) -> JoinHandle<()> {
        let plant = self.clone();
        tokio::spawn(async move {
            tokio::join!(plant.signals.pump(&plant.store), engine.run());
        })
    }

    pub async fn say(&self, words: &str) -> Result<(), StepError> {
        let said = sqlx::query("INSERT INTO line (said) VALUES ($1)").bind(words);
        said.execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(|error| StepError::Retry(error.to_string()))
    }

    pub async fn said(&self) -> Outcome<Vec<String>> {
        Ok(sqlx::query_scalar("SELECT said FROM line ORDER BY id")
            .fetch_all(&self.pool)
            .await?)
    }

    pub async fn count(&self, query: &'static str) -> Outcome<i64> {
        Ok(sqlx::query_scalar(query).fetch_one(&self.pool).await?)
    }

    /// Waits until this query counts as many.
    pub async fn reaches(&self, query: &'static str, wanted: i64) -> Outcome {
        for _ in 0..600 {
            if self.count(query).await? == wanted {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let jobs: Vec<JobRecord> = self.scoped().jobs(&store::JobFilter::default(), 5).await?;
        Err(format!(
            "{query} is {} and not {wanted}; {jobs:?}",
            self.count(query).await?
        )
        .into())
    }
}

/// Quick enough for a test.
pub fn quick() -> Pace {
    Pace {
        slots: 4,
        lease: Duration::from_millis(400),
        poll: Duration::from_millis(100),
        backoff: operations::Backoff {
            first: SignedDuration::from_millis(10),
            longest: SignedDuration::from_millis(50),
        },
    }
}

impl Host for Plant {
    fn store(&self) -> &Store {
        &self.store
    }

    fn signals(&self) -> &Signals {
        &self.signals
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the test's own clock, which it can advance"
    )]
    fn now(&self) -> Timestamp {
        let shift = *self.shift.lock().expect("a lock");
        let now = Timestamp::now() + shift;
        now.round(jiff::Unit::Microsecond).expect("a time")
    }

    fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).expect("a time");
        let bytes: [u8; 10] = self.random.lock().expect("a lock").random();
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    fn random(&self) -> u64 {
        self.random.lock().expect("a lock").random()
    }

    async fn saga_ended(&self, _unit: &mut Unit, end: &SagaEnd<'_>) -> Result<(), StepError> {
        assert!(end.operation.is_none());
        Ok(())
    }
}
