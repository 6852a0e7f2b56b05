//! Schedules: what is done now and then by itself, when next, and how it went last.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;

/// A schedule as the program knows it.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct NewSchedule<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub rhythm: &'a str,
    pub time_zone: &'a str,
    pub is_reconciler: bool,
    pub next_run_at: Timestamp,
}

/// A schedule as it stands.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct ScheduleRecord {
    pub name: String,
    pub kind: String,
    pub rhythm: String,
    pub time_zone: String,
    pub is_reconciler: bool,
    pub next_run_at: Timestamp,
    pub last_started_at: Option<Timestamp>,
    pub last_finished_at: Option<Timestamp>,
    pub last_result: Option<Value>,
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
    pub runs: i64,
    pub failures: i64,
    pub failing_since: Option<Timestamp>,
}

/// How a run of a schedule ended.
#[derive(Debug)]
pub enum RunResult<'a> {
    /// Well.
    Found(&'a Value),
    /// Not.
    Failed(&'a str),
}

struct Row {
    name: String,
    kind: String,
    rhythm: String,
    time_zone: String,
    is_reconciler: bool,
    next_run_at: jiff_sqlx::Timestamp,
    last_started_at: Option<jiff_sqlx::Timestamp>,
    last_finished_at: Option<jiff_sqlx::Timestamp>,
    last_result: Option<Value>,
    last_error: Option<String>,
    last_error_at: Option<jiff_sqlx::Timestamp>,
    runs: i64,
    failures: i64,
    failing_since: Option<jiff_sqlx::Timestamp>,
}

impl From<Row> for ScheduleRecord {
    fn from(row: Row) -> Self {
        Self {
            name: row.name,
            kind: row.kind,
            rhythm: row.rhythm,
            time_zone: row.time_zone,
            is_reconciler: row.is_reconciler,
            next_run_at: row.next_run_at.to_jiff(),
            last_started_at: row.last_started_at.map(jiff_sqlx::Timestamp::to_jiff),
            last_finished_at: row.last_finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            last_result: row.last_result,
            last_error: row.last_error,
            last_error_at: row.last_error_at.map(jiff_sqlx::Timestamp::to_jiff),
            runs: row.runs,
            failures: row.failures,
            failing_since: row.failing_since.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

impl Scoped {
    /// All schedules by name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn schedules(&self) -> Result<Vec<ScheduleRecord>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "SELECT name, kind, rhythm, time_zone, is_reconciler, next_run_at, last_started_at, last_finished_at, last_result, last_error,
                    last_error_at, runs, failures, failing_since FROM schedule ORDER BY name"
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(ScheduleRecord::from).collect())
    }

    /// When the next schedule is due.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn next_schedule_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let at =
            sqlx::query_scalar!(r#"SELECT min(next_run_at) AS "at: jiff_sqlx::Timestamp" FROM schedule"#)
                .fetch_one(&self.pool)
                .await?;
        Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
    }
}

impl Unit {
    /// Makes a schedule what the program says. Its next run stays, unless its rhythm has changed.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_schedule(&mut self, schedule: &NewSchedule<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO schedule (name, kind, rhythm, time_zone, is_reconciler, next_run_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name) DO UPDATE SET kind = $2, rhythm = $3, time_zone = $4, is_reconciler = $5, next_run_at = $6
             WHERE (schedule.kind, schedule.rhythm, schedule.time_zone, schedule.is_reconciler) <> ($2, $3, $4, $5)",
            schedule.name,
            schedule.kind,
            schedule.rhythm,
            schedule.time_zone,
            schedule.is_reconciler,
            schedule.next_run_at.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// A schedule of these that is due, held until the unit ends; another replica gets another one, or none.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn due_schedule(
        &mut self,
        names: &[String],
        now: Timestamp,
    ) -> Result<Option<ScheduleRecord>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            "SELECT name, kind, rhythm, time_zone, is_reconciler, next_run_at, last_started_at, last_finished_at, last_result, last_error,
                    last_error_at, runs, failures, failing_since
             FROM schedule WHERE next_run_at <= $1 AND name = ANY($2) ORDER BY next_run_at, name LIMIT 1 FOR UPDATE SKIP LOCKED",
            now.to_sqlx() as _,
            names,
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(ScheduleRecord::from))
    }

    /// Sets when a schedule is enqueued next; tells whether there is such a schedule.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_next_run(&mut self, name: &str, at: Timestamp) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "UPDATE schedule SET next_run_at = $2 WHERE name = $1",
            name,
            at.to_sqlx() as _
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Whether a job of this schedule has not ended.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn schedule_is_under_way(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM job WHERE schedule = $1 AND finished_at IS NULL) AS "is!""#,
            name
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Notes how a run of a schedule went.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_run(
        &mut self,
        name: &str,
        started: Timestamp,
        result: RunResult<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (found, error) = match result {
            RunResult::Found(found) => (Some(found), None),
            RunResult::Failed(error) => (None, Some(error)),
        };
        sqlx::query!(
            "UPDATE schedule SET last_started_at = $2, last_finished_at = $3, last_result = coalesce($4, last_result), runs = runs + 1,
                    last_error = coalesce($5, last_error), failures = failures + CASE WHEN $5::text IS NULL THEN 0 ELSE 1 END,
                    last_error_at = CASE WHEN $5::text IS NULL THEN last_error_at ELSE $3 END,
                    failing_since = CASE WHEN $5::text IS NULL THEN NULL ELSE coalesce(failing_since, $3) END
             WHERE name = $1",
            name,
            started.to_sqlx() as _,
            now.to_sqlx() as _,
            found,
            error,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
