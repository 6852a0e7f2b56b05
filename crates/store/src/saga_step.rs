//! The steps of sagas: begun, answered by nodes, done, undone. Each writing is refused to a worker that lost its hold.

use crate::error::{StoreError, read};
use crate::job_claim::Fence;
use crate::scope::{Scoped, Unit};
use crate::signal::Signal;
use domain::{CommandId, JobId, NodeId, OperationId, SagaStepStatus};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::PgExecutor;
use wire::node::CommandResult;
use wire::operation::OperationStep;

/// A step that was begun.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each field is the column of the same name, commented in the migration"
)]
pub struct SagaStepRecord {
    pub position: i16,
    pub name: String,
    pub status: SagaStepStatus,
    pub tries: i32,
    pub output: Option<Value>,
    pub error: Option<String>,
    pub parts: Vec<OperationStep>,
    pub answer: Option<CommandResult>,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// Which step of which saga a node's command belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepAnswer {
    /// The saga.
    pub job: JobId,
    /// The step.
    pub position: i16,
}

struct Row {
    position: i16,
    name: String,
    status: String,
    tries: i32,
    output: Option<Value>,
    error: Option<String>,
    parts: Value,
    answer: Option<Value>,
    started_at: jiff_sqlx::Timestamp,
    finished_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for SagaStepRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unreadable = |column| move |_: serde_json::Error| StoreError::Corrupt { column };
        Ok(Self {
            position: row.position,
            name: row.name,
            status: read("saga_step.status", &row.status)?,
            tries: row.tries,
            output: row.output,
            error: row.error,
            parts: serde_json::from_value(row.parts).map_err(unreadable("saga_step.parts"))?,
            answer: row
                .answer
                .map(serde_json::from_value)
                .transpose()
                .map_err(unreadable("saga_step.answer"))?,
            started_at: row.started_at.to_jiff(),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

async fn all(executor: impl PgExecutor<'_>, job: JobId) -> Result<Vec<SagaStepRecord>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT position, name, status, tries, output, error, parts, answer, started_at, finished_at
         FROM saga_step WHERE job_id = $1 ORDER BY position",
        job.uuid()
    )
    .fetch_all(executor)
    .await?
    .into_iter()
    .map(SagaStepRecord::try_from)
    .collect()
}

fn one(changed: u64) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}

impl Scoped {
    /// The steps of a saga that were begun, in order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn saga_steps(&self, job: JobId) -> Result<Vec<SagaStepRecord>, StoreError> {
        all(&self.pool, job).await
    }
}

impl Unit {
    /// The steps of a saga that were begun, as this unit sees them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn saga_steps(&mut self, job: JobId) -> Result<Vec<SagaStepRecord>, StoreError> {
        all(&mut *self.transaction, job).await
    }

    /// Writes down that a step begins, or begins again.
    ///
    /// # Errors
    /// As for any statement. The caller holds the job ([`Unit::hold_job`]).
    pub async fn begin_step(
        &mut self,
        fence: Fence,
        position: i16,
        name: &str,
        status: SagaStepStatus,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO saga_step (job_id, position, name, status, fence, started_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (job_id, position) DO UPDATE SET status = $4, fence = $5, finished_at = NULL, answer = NULL,
                 tries = CASE WHEN saga_step.status = $4 THEN saga_step.tries + 1 ELSE 1 END",
            fence.job.uuid(),
            position,
            name,
            status.as_str(),
            fence.number,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes down where a step stands, with its output when it is done. One that is only not ready yet has its tries forgotten.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another worker began it again. The caller holds the job.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a column of the one row that is written"
    )]
    pub async fn set_step(
        &mut self,
        fence: Fence,
        position: i16,
        status: SagaStepStatus,
        output: Option<&Value>,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ended = matches!(
            status,
            SagaStepStatus::Done | SagaStepStatus::Failed | SagaStepStatus::Undone
        );
        let changed = sqlx::query!(
            "UPDATE saga_step SET status = $4, output = coalesce($5, output), error = $6,
                    tries = CASE WHEN $4 IN ('running', 'undoing') AND $6::text IS NULL THEN 0 ELSE tries END,
                    finished_at = CASE WHEN $7 THEN $8::timestamptz END
             WHERE job_id = $1 AND position = $2 AND fence = $3",
            fence.job.uuid(),
            position,
            fence.number,
            status.as_str(),
            output,
            error,
            ended,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Hands a step that a former worker began to the one that holds the job now.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such step.
    pub async fn take_step_over(&mut self, fence: Fence, position: i16) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE saga_step SET fence = $3 WHERE job_id = $1 AND position = $2",
            fence.job.uuid(),
            position,
            fence.number,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// Makes a command that this unit wrote the business of a step.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such command.
    pub async fn assign_command(&mut self, command: CommandId, step: StepAnswer) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE node_command SET job_id = $2, job_step = $3 WHERE id = $1",
            command.uuid(),
            step.job.uuid(),
            step.position,
        )
        .execute(&mut *self.transaction)
        .await?;
        one(changed.rows_affected())
    }

    /// The step that waits for this command, if it is a saga's.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn step_of_command(&mut self, command: CommandId) -> Result<Option<StepAnswer>, StoreError> {
        let row = sqlx::query!(
            "SELECT job_id, job_step FROM node_command WHERE id = $1 AND job_id IS NOT NULL",
            command.uuid()
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.and_then(|row| {
            Some(StepAnswer {
                job: JobId::from_uuid(row.job_id?),
                position: row.job_step?,
            })
        }))
    }

    /// Notes how far the node is with a step.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_step_parts(
        &mut self,
        step: StepAnswer,
        parts: &[OperationStep],
    ) -> Result<(), StoreError> {
        let parts = serde_json::to_value(parts).map_err(|_| StoreError::Corrupt {
            column: "saga_step.parts",
        })?;
        // Of two nodes that do one step together, each tells its own parts.
        sqlx::query!(
            "UPDATE saga_step SET parts = coalesce((SELECT jsonb_agg(part) FROM jsonb_array_elements(parts) AS part
                 WHERE NOT EXISTS (SELECT FROM jsonb_array_elements($3::jsonb) AS new WHERE new ->> 'name' = part ->> 'name')
                   AND 1 < (SELECT count(DISTINCT node_id) FROM node_command WHERE job_id = $1 AND job_step = $2)), '[]') || $3::jsonb
             WHERE job_id = $1 AND position = $2",
            step.job.uuid(),
            step.position,
            parts,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Takes a node's answer for the step that waits for it, and has the saga go on.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn answer_step(
        &mut self,
        step: StepAnswer,
        result: &CommandResult,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let answer = serde_json::to_value(result).map_err(|_| StoreError::Corrupt {
            column: "saga_step.answer",
        })?;
        // A command that was let go of: nobody waits for it.
        if step.position < 0 {
            return Ok(());
        }
        let failed = matches!(result, CommandResult::Failed(_));
        // Where two nodes do one step together, the step is done when both are, and failed with the first.
        sqlx::query!(
            "UPDATE saga_step SET answer = CASE WHEN answer ->> 'is' = 'failed' THEN answer
                                                WHEN $4 THEN $3::jsonb ELSE coalesce(answer, '{}') || $3::jsonb END
             WHERE job_id = $1 AND position = $2 AND status IN ('waiting', 'undo-waiting')",
            step.job.uuid(),
            step.position,
            answer,
            failed,
        )
        .execute(&mut *self.transaction)
        .await?;
        if failed {
            self.part_from_others(step, now).await?;
        }
        let others = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM node_command WHERE job_id = $1 AND job_step = $2 AND state <> 'done') AS "any!""#,
            step.job.uuid(),
            step.position,
        )
        .fetch_one(&mut *self.transaction)
        .await?;
        if others {
            return Ok(());
        }
        sqlx::query!(
            "UPDATE transfer SET ended_at = $2 WHERE job_id = $1 AND ended_at IS NULL",
            step.job.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        self.wake_job(step.job, now).await
    }

    /// Lets go of the other command of a step that has failed: one that no node has is taken back, and one that a node has
    /// ends by itself, since nobody meets it any more. What it answers is nobody's business then.
    async fn part_from_others(&mut self, step: StepAnswer, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE node_command SET state = 'done', finished_at = $3, sealed = NULL
             WHERE job_id = $1 AND job_step = $2 AND state = 'queued'",
            step.job.uuid(),
            step.position,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query!(
            "UPDATE node_command SET job_step = -1 WHERE job_id = $1 AND job_step = $2 AND state = 'delivered'",
            step.job.uuid(),
            step.position,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Has a saga go on that waits for a node.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn wake_job(&mut self, job: JobId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE job SET status = 'queued', run_at = $2 WHERE id = $1 AND status = 'waiting'",
            job.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        self.signal(Signal::Jobs).await
    }

    /// Takes back a saga's command that no node has got yet; tells whether that was so.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn withdraw_job_command(&mut self, job: JobId, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE node_command SET state = 'done', finished_at = $2, sealed = NULL WHERE job_id = $1 AND state = 'queued'",
            job.uuid(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Marks the operation of a job as under way, with these steps.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn show_operation_under_way(
        &mut self,
        id: OperationId,
        steps: &[OperationStep],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let steps = serde_json::to_value(steps).map_err(|_| StoreError::Corrupt {
            column: "operation.steps",
        })?;
        sqlx::query!(
            "UPDATE operation SET steps = $2, state = 'running', started_at = coalesce(started_at, $3)
             WHERE id = $1 AND state IN ('queued', 'running')",
            id.uuid(),
            steps,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        self.signal(Signal::Operation(id)).await
    }

    /// The sagas whose command has ended without their knowing, which must not be; has them go on.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn wake_forgotten_sagas(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let woken = sqlx::query!(
            "UPDATE job SET status = 'queued', run_at = $1 WHERE status = 'waiting'
               AND NOT EXISTS (SELECT FROM node_command c WHERE c.job_id = job.id AND c.state <> 'done' AND c.job_step >= 0)",
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(woken.rows_affected())
    }

    /// Which node has the open command of a job, and whether it got it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_command_of_job(&mut self, job: JobId) -> Result<Option<NodeId>, StoreError> {
        let node = sqlx::query_scalar!(
            "SELECT node_id FROM node_command WHERE job_id = $1 AND state <> 'done' AND job_step >= 0 LIMIT 1",
            job.uuid()
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(node.map(NodeId::from_uuid))
    }
}
