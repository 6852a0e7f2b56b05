//! Jobs in the hands of workers: claimed, kept, given back. Leases go by the database's clock, so that the clocks of
//! replicas need not agree; a worker that lost its lease is refused by the fencing number.

use crate::error::{StoreError, read};
use crate::job::JobEnd;
use crate::scope::{Scoped, Unit};
use domain::{Direction, JobId, OperationId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// A worker's hold on a job. What is written with one that is not the newest is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The job.
    pub job: JobId,
    /// The number that came with the claim.
    pub number: i64,
}

/// A job that a worker has.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct ClaimedJob {
    pub fence: Fence,
    pub kind: String,
    pub version: i32,
    pub arguments: Value,
    pub tries: i32,
    pub most_tries: i32,
    pub direction: Direction,
    pub cancel_reason: Option<String>,
    pub failure_code: Option<String>,
    pub failure_detail: Option<String>,
    pub operation: Option<OperationId>,
    pub schedule: Option<String>,
    pub requested_by: String,
    pub created_at: Timestamp,
}

struct Row {
    id: Uuid,
    fence: i64,
    kind: String,
    version: i32,
    arguments: Value,
    tries: i32,
    most_tries: i32,
    direction: String,
    cancel_reason: Option<String>,
    failure_code: Option<String>,
    failure_detail: Option<String>,
    operation_id: Option<Uuid>,
    schedule: Option<String>,
    requested_by: String,
    created_at: jiff_sqlx::Timestamp,
}

impl TryFrom<Row> for ClaimedJob {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            fence: Fence {
                job: JobId::from_uuid(row.id),
                number: row.fence,
            },
            kind: row.kind,
            version: row.version,
            arguments: row.arguments,
            tries: row.tries,
            most_tries: row.most_tries,
            direction: read("job.direction", &row.direction)?,
            cancel_reason: row.cancel_reason,
            failure_code: row.failure_code,
            failure_detail: row.failure_detail,
            operation: row.operation_id.map(OperationId::from_uuid),
            schedule: row.schedule,
            requested_by: row.requested_by,
            created_at: row.created_at.to_jiff(),
        })
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

impl Scoped {
    /// Takes up to `most` jobs that are due, of these kinds and versions, the most urgent first.
    ///
    /// Of jobs with one key, one is taken. Two workers that take different ones at the same moment are parted by an
    /// index: one of them gets nothing and asks again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_jobs(
        &self,
        worker: &str,
        kinds: &[(String, i32)],
        most: i64,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        let (names, versions): (Vec<String>, Vec<i32>) = kinds.iter().cloned().unzip();
        let claimed = sqlx::query_as!(
            Row,
            r#"WITH due AS (
                 SELECT j.id, j.priority, j.run_at, j.lock_key FROM job j
                 WHERE j.status = 'queued' AND j.run_at <= $4
                   AND EXISTS (SELECT FROM unnest($1::text[], $2::int[]) AS known (kind, version)
                               WHERE known.kind = j.kind AND known.version = j.version)
                   AND (j.lock_key IS NULL OR j.holds_key
                        OR NOT EXISTS (SELECT FROM job other WHERE other.lock_key = j.lock_key AND other.holds_key))
                 ORDER BY j.priority, j.run_at, j.id LIMIT $3 FOR UPDATE SKIP LOCKED
             ), one AS (
                 SELECT DISTINCT ON (coalesce(lock_key, id::text)) id FROM due
                 ORDER BY coalesce(lock_key, id::text), priority, run_at, id
             )
             UPDATE job SET status = 'running', worker = $5, fence = fence + 1, tries = tries + 1,
                    lease_until = clock_timestamp() + make_interval(secs => $6),
                    holds_key = lock_key IS NOT NULL, started_at = coalesce(started_at, $4)
             FROM one WHERE job.id = one.id
             RETURNING job.id, fence, kind, version, arguments, tries, most_tries, direction, cancel_reason, failure_code,
                       failure_detail, operation_id, schedule, requested_by, created_at"#,
            &names,
            &versions,
            most,
            now.to_sqlx() as _,
            worker,
            seconds(lease),
        )
        .fetch_all(&self.pool)
        .await
        .map_err(StoreError::from);
        match claimed {
            Ok(rows) => rows.into_iter().map(ClaimedJob::try_from).collect(),
            Err(StoreError::Conflict(crate::Conflict::JobKey)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Says that the worker lives.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another one has the job by now.
    pub async fn keep_lease(&self, fence: Fence, lease: Duration) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE job SET lease_until = clock_timestamp() + make_interval(secs => $3)
             WHERE id = $1 AND fence = $2 AND status = 'running'",
            fence.job.uuid(),
            fence.number,
            seconds(lease),
        )
        .execute(&self.pool)
        .await?;
        one(changed.rows_affected())
    }

    /// Puts what dead workers had back into the queue; gives how many. What killed its worker more than once waits longer
    /// each time; a plain job that did so as often as it may be tried is dead in the end.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn take_back_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let changed = sqlx::query!(
            "WITH expired AS (
                 SELECT id, tries >= most_tries AND operation_id IS NULL AND schedule IS NULL AS is_over
                 FROM job WHERE status = 'running' AND lease_until < clock_timestamp()
                 ORDER BY lease_until LIMIT 100 FOR UPDATE SKIP LOCKED
             )
             UPDATE job SET worker = NULL, lease_until = NULL, last_error = 'The worker that had it stopped.',
                    status = CASE WHEN is_over THEN 'dead' ELSE 'queued' END, holds_key = holds_key AND NOT is_over,
                    run_at = greatest(run_at, $1::timestamptz + make_interval(secs => least(greatest(tries - 1, 0), 60) * 5)),
                    failure_code = CASE WHEN is_over THEN 'worker-stopped' ELSE failure_code END,
                    failure_detail = CASE WHEN is_over THEN 'The worker that had it stopped, each time that it was tried.'
                        ELSE failure_detail END
             FROM expired WHERE job.id = expired.id",
            now.to_sqlx() as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected())
    }

    /// When the next job comes due that is not yet, if there is one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn next_job_at(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar!(
            r#"SELECT min(run_at) AS "at: jiff_sqlx::Timestamp" FROM job WHERE status = 'queued' AND run_at > $1"#,
            now.to_sqlx() as _,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
    }
}

fn one(changed: u64) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}

impl Unit {
    /// Makes sure, until the unit ends, that nobody else has taken the job; gives the reason for which a person wants it
    /// undone, if one does.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody has.
    pub async fn hold_job(&mut self, fence: Fence) -> Result<Option<String>, StoreError> {
        let held = sqlx::query!(
            "SELECT cancel_reason FROM job WHERE id = $1 AND fence = $2 AND status = 'running' FOR UPDATE",
            fence.job.uuid(),
            fence.number,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        held.map(|row| row.cancel_reason).ok_or(StoreError::Stale)
    }

    /// Gives a job back, to be done again at `run_at`, its tries counted from `tries`.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another worker has it.
    pub async fn postpone_job(
        &mut self,
        fence: Fence,
        run_at: Timestamp,
        error: Option<&str>,
        tries: i32,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE job SET status = 'queued', run_at = $3, worker = NULL, lease_until = NULL, last_error = $4, tries = $5
             WHERE id = $1 AND fence = $2 AND status = 'running'",
            fence.job.uuid(),
            fence.number,
            run_at.to_sqlx() as _,
            error,
            tries,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Lets a job wait for a node; no worker has it meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another worker has it.
    pub async fn await_answer(&mut self, fence: Fence) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE job SET status = 'waiting', worker = NULL, lease_until = NULL, last_error = NULL, tries = 0
             WHERE id = $1 AND fence = $2 AND status = 'running'",
            fence.job.uuid(),
            fence.number,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Turns a saga round: from here on it undoes what it did.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another worker has it.
    pub async fn turn_job_back(&mut self, fence: Fence, code: &str, detail: &str) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE job SET direction = 'back', failure_code = $3, failure_detail = $4, tries = 0
             WHERE id = $1 AND fence = $2 AND status = 'running'",
            fence.job.uuid(),
            fence.number,
            code,
            detail,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Ends a job, or leaves it to a person.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another worker has it.
    pub async fn end_job(&mut self, fence: Fence, end: JobEnd<'_>, now: Timestamp) -> Result<(), StoreError> {
        let (status, result, failure) = end.parts();
        let changed = sqlx::query!(
            "UPDATE job SET status = $3, worker = NULL, lease_until = NULL, holds_key = false, result = $4,
                    failure_code = $5, failure_detail = $6, last_error = coalesce($6, last_error),
                    finished_at = CASE WHEN $3 = 'dead' THEN NULL ELSE $7::timestamptz END
             WHERE id = $1 AND fence = $2 AND status = 'running'",
            fence.job.uuid(),
            fence.number,
            status.as_str(),
            result,
            failure.map(|failure| failure.code.as_str()),
            failure.map(|failure| failure.detail.as_str()),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }
}
