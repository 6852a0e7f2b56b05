//! What nodes are asked now, and what they answer. A row lives as long as somebody waits.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use crate::signal::Signal;
use domain::{CommandId, NodeId, OperationId, QuestionId, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use uuid::Uuid;

/// A question to be asked.
#[derive(Debug)]
pub struct NewQuestion<'a> {
    /// Identity.
    pub id: QuestionId,
    /// Who is asked.
    pub node: NodeId,
    /// What.
    pub question: &'a Value,
    /// When.
    pub now: Timestamp,
    /// Until when somebody waits.
    pub expires_at: Timestamp,
}

/// What became of a question.
#[derive(Debug)]
pub enum QuestionState {
    /// Nobody has answered yet.
    Waiting,
    /// It was answered, and is forgotten with this.
    Answered(Value),
    /// It is gone: the control database forgot it.
    Gone,
}

impl Scoped {
    /// Asks, and forgets what others asked whose time is over.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn ask(&self, new: NewQuestion<'_>) -> Result<(), StoreError> {
        let mut unit = self.begin().await?;
        sqlx::query!(
            "DELETE FROM node_question WHERE expires_at < $1",
            new.now.to_sqlx() as _
        )
        .execute(&mut *unit.transaction)
        .await?;
        sqlx::query!(
            "INSERT INTO node_question (id, node_id, question, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
            new.id.uuid(),
            new.node.uuid(),
            new.question,
            new.now.to_sqlx() as _,
            new.expires_at.to_sqlx() as _,
        )
        .execute(&mut *unit.transaction)
        .await?;
        unit.signal(Signal::Node(new.node)).await?;
        unit.commit().await
    }

    /// Hands a node what it is asked, each question once, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn take_questions(&self, node: NodeId, now: Timestamp) -> Result<Vec<Value>, StoreError> {
        let mut rows = sqlx::query!(
            "UPDATE node_question SET taken_at = $2 WHERE node_id = $1 AND taken_at IS NULL AND expires_at >= $2 RETURNING id, question",
            node.uuid(),
            now.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.sort_by_key(|row| row.id);
        Ok(rows.into_iter().map(|row| row.question).collect())
    }

    /// Keeps a node's answer for whoever waits; whether somebody does.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn answer_question(
        &self,
        node: NodeId,
        id: QuestionId,
        reply: &Value,
    ) -> Result<bool, StoreError> {
        let mut unit = self.begin().await?;
        let done = sqlx::query!(
            "UPDATE node_question SET reply = $3 WHERE id = $1 AND node_id = $2 AND taken_at IS NOT NULL AND reply IS NULL",
            id.uuid(),
            node.uuid(),
            reply,
        )
        .execute(&mut *unit.transaction)
        .await?;
        unit.signal(Signal::Answer(id)).await?;
        unit.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// What became of a question.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn question(&self, id: QuestionId) -> Result<QuestionState, StoreError> {
        let gone = sqlx::query_scalar!(
            r#"DELETE FROM node_question WHERE id = $1 AND reply IS NOT NULL RETURNING reply AS "reply!""#,
            id.uuid()
        )
        .fetch_optional(&self.pool)
        .await?;
        if let Some(reply) = gone {
            return Ok(QuestionState::Answered(reply));
        }
        let waits = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM node_question WHERE id = $1) AS "waits!""#,
            id.uuid()
        );
        Ok(match waits.fetch_one(&self.pool).await? {
            true => QuestionState::Waiting,
            false => QuestionState::Gone,
        })
    }

    /// Forgets a question that nobody waits for any more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_question(&self, id: QuestionId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM node_question WHERE id = $1", id.uuid())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The command of an operation that its node has and has not ended.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn command_under_way(&self, operation: OperationId) -> Result<Option<CommandId>, StoreError> {
        let found = sqlx::query_scalar!(
            "SELECT id FROM node_command WHERE operation_id = $1 AND state = 'delivered' AND job_id IS NULL",
            operation.uuid()
        );
        Ok(found.fetch_optional(&self.pool).await?.map(CommandId::from_uuid))
    }
}

impl Unit {
    /// What looks after databases of a node now, or waits for it, the tenant's own first. The node is held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn upkeep_open(
        &mut self,
        node: NodeId,
        tenant: TenantId,
    ) -> Result<Vec<(OperationId, bool)>, StoreError> {
        sqlx::query!("SELECT FROM node WHERE id = $1 FOR UPDATE", node.uuid())
            .execute(&mut *self.transaction)
            .await?;
        let rows = sqlx::query!(
            r#"SELECT id, tenant_id FROM operation WHERE node_id = $1 AND state IN ('queued', 'running')
                 AND kind IN ('database.vacuum', 'database.analyze', 'database.reindex')"#,
            node.uuid(),
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let own = |id: Option<Uuid>| id == Some(tenant.uuid());
        let mut open: Vec<(OperationId, bool)> = rows
            .into_iter()
            .map(|row| (OperationId::from_uuid(row.id), own(row.tenant_id)))
            .collect();
        open.sort_by_key(|(_, own)| !own);
        Ok(open)
    }
}
