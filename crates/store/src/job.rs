//! Jobs as they are enqueued, listed, and decided upon by a person.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use crate::signal::Signal;
use domain::{Direction, JobId, JobStatus, OperationId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;
use wire::operation::Failure;

/// A job to be enqueued in the transaction that causes it.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewJob<'a> {
    pub id: JobId,
    pub kind: &'a str,
    pub version: i32,
    pub arguments: Value,
    pub priority: i16,
    pub run_at: Timestamp,
    pub most_tries: i32,
    pub lock_key: Option<String>,
    pub operation: Option<OperationId>,
    pub schedule: Option<&'a str>,
    pub now: Timestamp,
}

/// How a job ends.
#[derive(Debug)]
pub enum JobEnd<'a> {
    /// Done, with what it found out.
    Succeeded(&'a Value),
    /// Not done, and undone.
    Failed(&'a Failure),
    /// Given up by itself; a person decides.
    Dead(&'a Failure),
}

impl JobEnd<'_> {
    pub(crate) const fn parts(&self) -> (JobStatus, Option<&Value>, Option<&Failure>) {
        match self {
            Self::Succeeded(result) => (JobStatus::Succeeded, Some(result), None),
            Self::Failed(failure) => (JobStatus::Failed, None, Some(failure)),
            Self::Dead(failure) => (JobStatus::Dead, None, Some(failure)),
        }
    }
}

/// A job as people see it.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct JobRecord {
    pub id: JobId,
    pub kind: String,
    pub version: i32,
    pub arguments: Value,
    pub status: JobStatus,
    pub direction: Direction,
    pub run_at: Timestamp,
    pub tries: i32,
    pub most_tries: i32,
    pub lock_key: Option<String>,
    pub holds_key: bool,
    pub worker: Option<String>,
    pub cancel_reason: Option<String>,
    pub failure: Option<Failure>,
    pub last_error: Option<String>,
    pub result: Option<Value>,
    pub operation: Option<OperationId>,
    pub schedule: Option<String>,
    pub requested_by: String,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// Which jobs.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only in this status.
    pub status: Option<JobStatus>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only older than this one.
    pub before: Option<(Timestamp, JobId)>,
}

struct Row {
    id: Uuid,
    kind: String,
    version: i32,
    arguments: Value,
    status: String,
    direction: String,
    run_at: jiff_sqlx::Timestamp,
    tries: i32,
    most_tries: i32,
    lock_key: Option<String>,
    holds_key: bool,
    worker: Option<String>,
    cancel_reason: Option<String>,
    failure_code: Option<String>,
    failure_detail: Option<String>,
    last_error: Option<String>,
    result: Option<Value>,
    operation_id: Option<Uuid>,
    schedule: Option<String>,
    requested_by: String,
    created_at: jiff_sqlx::Timestamp,
    started_at: Option<jiff_sqlx::Timestamp>,
    finished_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for JobRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let failure = row.failure_code.map(|code| Failure {
            code,
            detail: row.failure_detail.unwrap_or_default(),
        });
        Ok(Self {
            id: JobId::from_uuid(row.id),
            kind: row.kind,
            version: row.version,
            arguments: row.arguments,
            status: read("job.status", &row.status)?,
            direction: read("job.direction", &row.direction)?,
            run_at: row.run_at.to_jiff(),
            tries: row.tries,
            most_tries: row.most_tries,
            lock_key: row.lock_key,
            holds_key: row.holds_key,
            worker: row.worker,
            cancel_reason: row.cancel_reason,
            failure,
            last_error: row.last_error,
            result: row.result,
            operation: row.operation_id.map(OperationId::from_uuid),
            schedule: row.schedule,
            requested_by: row.requested_by,
            created_at: row.created_at.to_jiff(),
            started_at: row.started_at.map(jiff_sqlx::Timestamp::to_jiff),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

async fn find(executor: impl PgExecutor<'_>, id: JobId) -> Result<Option<JobRecord>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, kind, version, arguments, status, direction, run_at, tries, most_tries, lock_key, holds_key, worker, cancel_reason,
                failure_code, failure_detail, last_error, result, operation_id, schedule, requested_by, created_at, started_at, finished_at
         FROM job WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(executor)
    .await?
    .map(JobRecord::try_from)
    .transpose()
}

impl Scoped {
    /// The job of this identity.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn job(&self, id: JobId) -> Result<Option<JobRecord>, StoreError> {
        find(&self.pool, id).await
    }

    /// The jobs of these operations.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn jobs_of_operations(&self, operations: &[OperationId]) -> Result<Vec<JobRecord>, StoreError> {
        let ids: Vec<Uuid> = operations.iter().map(|id| id.uuid()).collect();
        sqlx::query_as!(
            Row,
            "SELECT id, kind, version, arguments, status, direction, run_at, tries, most_tries, lock_key, holds_key, worker, cancel_reason,
                    failure_code, failure_detail, last_error, result, operation_id, schedule, requested_by, created_at, started_at, finished_at
             FROM job WHERE operation_id = ANY($1)",
            &ids
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(JobRecord::try_from)
        .collect()
    }

    /// Jobs, newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn jobs(&self, filter: &JobFilter, limit: i64) -> Result<Vec<JobRecord>, StoreError> {
        let (at, id) = filter.before.unzip();
        sqlx::query_as!(
            Row,
            "SELECT id, kind, version, arguments, status, direction, run_at, tries, most_tries, lock_key, holds_key, worker, cancel_reason,
                    failure_code, failure_detail, last_error, result, operation_id, schedule, requested_by, created_at, started_at, finished_at
             FROM job WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR kind = $2)
               AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
             ORDER BY created_at DESC, id DESC LIMIT $5",
            filter.status.map(JobStatus::as_str),
            filter.kind.as_deref(),
            at.map(ToSqlx::to_sqlx) as _,
            id.map(JobId::uuid),
            limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(JobRecord::try_from)
        .collect()
    }

    /// How many jobs stand where.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn job_counts(&self) -> Result<Vec<(JobStatus, i64)>, StoreError> {
        sqlx::query!(
            r#"SELECT status, count(*) AS "count!" FROM job WHERE finished_at IS NULL GROUP BY status ORDER BY status"#
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(|row| Ok((read("job.status", &row.status)?, row.count)))
        .collect()
    }
}

impl Unit {
    /// Enqueues a job; it can be done when, and only when, this unit is committed.
    ///
    /// # Errors
    /// [`crate::Conflict::JobOfSchedule`] when one of the same schedule is under way.
    pub async fn insert_job(&mut self, job: NewJob<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO job (id, kind, version, arguments, status, priority, run_at, most_tries, lock_key, operation_id, schedule,
                              requested_by, created_at)
             VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, $10, $11, $12)",
            job.id.uuid(),
            job.kind,
            job.version,
            job.arguments,
            job.priority,
            job.run_at.to_sqlx() as _,
            job.most_tries,
            job.lock_key,
            job.operation.map(OperationId::uuid),
            job.schedule,
            self.behalf.to_string(),
            job.now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        if job.run_at <= job.now {
            self.signal(Signal::Jobs).await?;
        }
        Ok(())
    }

    /// The job of this identity, held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_job(&mut self, id: JobId) -> Result<Option<JobRecord>, StoreError> {
        sqlx::query!("SELECT id FROM job WHERE id = $1 FOR UPDATE", id.uuid())
            .fetch_optional(&mut *self.transaction)
            .await?;
        find(&mut *self.transaction, id).await
    }

    /// The job that does this operation.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn job_of_operation(&mut self, operation: OperationId) -> Result<Option<JobId>, StoreError> {
        let id = sqlx::query_scalar!("SELECT id FROM job WHERE operation_id = $1", operation.uuid())
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(id.map(JobId::from_uuid))
    }

    /// Has a job that is dead, or waits for its time, done now, with its tries counted anew.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is neither.
    pub async fn retry_job(&mut self, id: JobId, now: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE job SET status = 'queued', run_at = $2, tries = 0,
                    failure_code = CASE WHEN direction = 'back' THEN failure_code END,
                    failure_detail = CASE WHEN direction = 'back' THEN failure_detail END
             WHERE id = $1 AND (status = 'dead' OR (status = 'queued' AND started_at IS NOT NULL))",
            id.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            self.signal(Signal::Jobs).await
        } else {
            Err(StoreError::Stale)
        }
    }

    /// Ends a job that no worker has, by a person's decision.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when a worker has it, or it has ended.
    pub async fn close_job(
        &mut self,
        id: JobId,
        status: JobStatus,
        failure: &Failure,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE job SET status = $2, failure_code = $3, failure_detail = $4, finished_at = $5, holds_key = false,
                    fence = fence + 1, worker = NULL, lease_until = NULL
             WHERE id = $1 AND status IN ('queued', 'waiting', 'dead')",
            id.uuid(),
            status.as_str(),
            failure.code,
            failure.detail,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    /// Asks a saga that goes forward to turn round at its next step, which is now if it only waits for its time.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has ended or goes back already.
    pub async fn ask_to_turn_back(
        &mut self,
        id: JobId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE job SET cancel_reason = $2, run_at = CASE WHEN status = 'queued' THEN $3 ELSE run_at END
             WHERE id = $1 AND direction = 'forward' AND status IN ('queued', 'running', 'waiting')",
            id.uuid(),
            reason,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        if changed.rows_affected() == 1 {
            self.signal(Signal::Jobs).await
        } else {
            Err(StoreError::Stale)
        }
    }

    /// Forgets plain jobs that ended before this; those of operations are history and stay.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_jobs(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM job WHERE finished_at < $1 AND operation_id IS NULL",
            before.to_sqlx() as _
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(removed.rows_affected())
    }
}
