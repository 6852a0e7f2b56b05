//! The worker: takes what is due, does it, says that it lives, and takes over what dead workers had.

use crate::backoff::{Backoff, delay};
use crate::host::Host;
use crate::job::Task;
use crate::probe::{NoFaults, Probe};
use crate::registry::{Doing, Registry};
use crate::saga::StepError;
use crate::saga_run;
use jiff::SignedDuration;
use serde_json::Value;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use store::{Actor, ClaimedJob, JobEnd, NewJob, NewSchedule, RunResult, Signal, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::Instant;
use wire::operation::Failure;

/// How a worker goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many jobs it does at a time.
    pub slots: usize,
    /// How long after its last sign of life another worker takes over what it has.
    pub lease: Duration,
    /// How often it looks although nobody signals.
    pub poll: Duration,
    /// How long something waits before it is tried again.
    pub backoff: Backoff,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            slots: 16,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(5),
            backoff: Backoff::default(),
        }
    }
}

/// A worker. Each replica of the server has one; they share the work.
#[derive(Clone)]
pub struct Engine<H: Host> {
    pub(crate) host: H,
    pub(crate) registry: Arc<Registry<H>>,
    pub(crate) pace: Pace,
    pub(crate) probe: Arc<dyn Probe>,
    name: Arc<str>,
}

impl<H: Host> std::fmt::Debug for Engine<H> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Engine({})", self.name)
    }
}

impl<H: Host> Engine<H> {
    /// A worker that does what is in the registry. Nothing runs until [`Engine::run`].
    pub fn new(host: H, registry: Arc<Registry<H>>, pace: Pace) -> Self {
        let name = host.uuid().simple().to_string();
        Self {
            host,
            registry,
            pace,
            probe: Arc::new(NoFaults),
            name: name.into(),
        }
    }

    /// The same, with faults on order; for tests.
    pub fn with_probe(mut self, probe: Arc<dyn Probe>) -> Self {
        self.probe = probe;
        self
    }

    /// Works for ever. Dropped in the middle, it leaves nothing that another worker could not take over.
    pub async fn run(&self) {
        // Subscribed first, so that nothing falls between looking and listening.
        let mut signals = self.host.signals().subscribe();
        let mut at_work = JoinSet::new();
        let mut is_registered = false;
        loop {
            if !is_registered {
                is_registered = self.complain(self.keep_schedules().await).is_some();
            }
            while at_work.try_join_next().is_some() {}
            let looked = self.look(&mut at_work).await;
            let next = self.complain(looked).unwrap_or(self.pace.poll);
            let until = Instant::now() + next.min(self.pace.poll);
            tokio::select! {
                Some(_) = at_work.join_next() => {}
                () = woken(&mut signals) => {}
                () = tokio::time::sleep_until(until) => {}
            }
        }
    }

    fn complain<T>(&self, result: Result<T, StepError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "the queue could not be looked after"
                );
                None
            }
        }
    }

    /// Begins what is due; gives in how long something else will be.
    async fn look(&self, at_work: &mut JoinSet<()>) -> Result<Duration, StepError> {
        let scoped = self.host.store().on_behalf_of(Actor::System);
        scoped.take_back_expired(self.host.now()).await?;
        while self.enqueue_due_schedule().await? {}
        let free = self.pace.slots.saturating_sub(at_work.len());
        if free > 0 {
            let most = i64::try_from(free).unwrap_or(i64::MAX);
            let kinds = self.registry.kinds();
            let now = self.host.now();
            let claimed = scoped
                .claim_jobs(&self.name, &kinds, most, self.pace.lease, now)
                .await?;
            for job in claimed {
                let engine = self.clone();
                at_work.spawn(async move { engine.work(job).await });
            }
        }
        let next = [
            scoped.next_job_at(self.host.now()).await?,
            scoped.next_schedule_at().await?,
        ];
        let next = next.into_iter().flatten().min();
        let wait = next.map(|at| at.duration_since(self.host.now()));
        Ok(wait.map_or(self.pace.poll, |wait| {
            Duration::try_from(wait)
                .unwrap_or_default()
                .max(Duration::from_millis(1))
        }))
    }

    /// Does a job while saying that the worker lives. One that lost its lease is stopped.
    async fn work(&self, job: ClaimedJob) {
        let done = tokio::select! {
            done = self.perform(&job) => done,
            lost = self.keep_lease(&job) => Err(lost),
        };
        match done {
            Ok(()) => {}
            Err(StepError::Lost) => {
                tracing::info!(job = %job.fence.job, kind = job.kind, "another worker has taken the job over");
            }
            // The lease ends by itself, and the job is taken up again.
            Err(error) => {
                tracing::warn!(job = %job.fence.job, kind = job.kind, error = &error as &dyn Error, "a job could not be written down");
                self.give_back(&job, &error).await;
            }
        }
    }

    async fn keep_lease(&self, job: &ClaimedJob) -> StepError {
        let scoped = self.host.store().on_behalf_of(Actor::System);
        loop {
            tokio::time::sleep(self.pace.lease / 3).await;
            if let Err(StoreError::Stale) = scoped.keep_lease(job.fence, self.pace.lease).await {
                return StepError::Lost;
            }
        }
    }

    async fn perform(&self, job: &ClaimedJob) -> Result<(), StepError> {
        match self.registry.find(&job.kind, job.version) {
            Some(Doing::Saga(saga)) => saga_run::run(self, saga, job).await,
            Some(Doing::Job(doing)) => {
                let started = self.host.now();
                let task = Task {
                    host: self.host.clone(),
                    fence: job.fence,
                    tries: job.tries,
                    operation: job.operation,
                    arguments: job.arguments.clone(),
                };
                let result = doing.run(&task).await;
                match &job.schedule {
                    Some(schedule) => self.end_regular(job, schedule, started, result).await,
                    None => self.end_job(job, result).await,
                }
            }
            None => Err(StepError::Retry("This server does not know it.".to_owned())),
        }
    }

    async fn end_job(&self, job: &ClaimedJob, result: Result<Value, StepError>) -> Result<(), StepError> {
        let now = self.host.now();
        let mut unit = self.host.store().on_behalf_of(Actor::System).begin().await?;
        let ended = match result {
            Ok(found) => unit.end_job(job.fence, JobEnd::Succeeded(&found), now).await,
            Err(StepError::Lost) => return Err(StepError::Lost),
            Err(StepError::Retry(words)) if job.tries < job.most_tries => {
                let wait = delay(self.pace.backoff, job.tries, self.host.random());
                let at = now.saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
                unit.postpone_job(job.fence, at, Some(&words), job.tries).await
            }
            Err(error) => {
                let failure = match error {
                    StepError::Failed(failure) => failure,
                    error => Failure {
                        code: "gave-up".to_owned(),
                        detail: format!("Tried {} times. The last time: {error}", job.tries),
                    },
                };
                tracing::warn!(job = %job.fence.job, kind = job.kind, code = failure.code, "a job needs a person");
                unit.end_job(job.fence, JobEnd::Dead(&failure), now).await
            }
        };
        ended.map_err(StepError::of_own_writing)?;
        Ok(unit.commit().await?)
    }

    /// What went wrong regularly is noted with its schedule; the next time is the next try.
    async fn end_regular(
        &self,
        job: &ClaimedJob,
        schedule: &str,
        started: jiff::Timestamp,
        result: Result<Value, StepError>,
    ) -> Result<(), StepError> {
        let now = self.host.now();
        let mut unit = self.host.store().on_behalf_of(Actor::System).begin().await?;
        let ended = match result {
            Ok(found) => {
                unit.note_run(schedule, started, RunResult::Found(&found), now)
                    .await?;
                unit.end_job(job.fence, JobEnd::Succeeded(&found), now).await
            }
            Err(StepError::Lost) => return Err(StepError::Lost),
            Err(error) => {
                let detail = error.to_string();
                tracing::warn!(
                    schedule,
                    error = &error as &dyn Error,
                    "something regular went wrong"
                );
                unit.note_run(schedule, started, RunResult::Failed(&detail), now)
                    .await?;
                let failure = Failure {
                    code: "failed".to_owned(),
                    detail,
                };
                unit.end_job(job.fence, JobEnd::Failed(&failure), now).await
            }
        };
        ended.map_err(StepError::of_own_writing)?;
        Ok(unit.commit().await?)
    }

    async fn give_back(&self, job: &ClaimedJob, error: &StepError) {
        let given = async {
            let mut unit = self.host.store().on_behalf_of(Actor::System).begin().await?;
            let wait = delay(self.pace.backoff, job.tries, self.host.random());
            let at = self
                .host
                .now()
                .saturating_add(wait)
                .unwrap_or(jiff::Timestamp::MAX);
            unit.postpone_job(job.fence, at, Some(&error.to_string()), job.tries)
                .await?;
            unit.commit().await
        };
        // If this does not work either, the lease ends by itself.
        let _: Result<(), StoreError> = given.await;
    }

    async fn keep_schedules(&self) -> Result<(), StepError> {
        let now = self.host.now();
        let mut unit = self.host.store().on_behalf_of(Actor::System).begin().await?;
        for regular in self.registry.regulars() {
            let next = match regular.rhythm {
                // What happens every so often is done at the first start too.
                crate::Rhythm::Every(_) => now,
                crate::Rhythm::Cron(_) => next_run(regular, now)?,
            };
            unit.keep_schedule(&NewSchedule {
                name: regular.name,
                kind: regular.kind,
                rhythm: &regular.rhythm.to_string(),
                time_zone: regular.time_zone,
                is_reconciler: regular.is_reconciler,
                next_run_at: next,
            })
            .await?;
        }
        Ok(unit.commit().await?)
    }

    /// Enqueues one schedule that is due, if there is one; tells whether.
    async fn enqueue_due_schedule(&self) -> Result<bool, StepError> {
        let names: Vec<String> = self
            .registry
            .regulars()
            .iter()
            .map(|one| one.name.to_owned())
            .collect();
        let now = self.host.now();
        let mut unit = self.host.store().on_behalf_of(Actor::System).begin().await?;
        let Some(due) = unit.due_schedule(&names, now).await? else {
            return Ok(false);
        };
        let Some(regular) = self.registry.regulars().iter().find(|one| one.name == due.name) else {
            return Ok(false);
        };
        unit.set_next_run(regular.name, next_run(regular, now)?).await?;
        if !unit.schedule_is_under_way(regular.name).await? {
            unit.insert_job(NewJob {
                id: domain::JobId::from_uuid(self.host.uuid()),
                kind: regular.kind,
                version: 1,
                arguments: Value::Object(serde_json::Map::new()),
                priority: 200,
                run_at: now,
                most_tries: 3,
                lock_key: None,
                operation: None,
                schedule: Some(regular.name),
                now,
            })
            .await?;
        }
        unit.commit().await?;
        Ok(true)
    }
}

fn next_run(regular: &crate::Description, now: jiff::Timestamp) -> Result<jiff::Timestamp, StepError> {
    let next = regular.rhythm.next(now, regular.time_zone);
    let next = next.map_err(|error| StepError::failed("rhythm", error.to_string()))?;
    Ok(next.max(now + SignedDuration::from_secs(1)))
}

async fn woken(signals: &mut tokio::sync::broadcast::Receiver<Signal>) {
    loop {
        match signals.recv().await {
            Ok(Signal::Jobs | Signal::Gap) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
