//! What the front door found, by rule and address, and what staff lifted.

use crate::error::{StoreError, read};
use crate::scope::{Scoped, Unit};
use domain::{BlockId, WallRule};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use std::net::IpAddr;
use uuid::Uuid;

/// Requests of one address that broke one rule.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Follows from rule and address.
    pub id: BlockId,
    /// The rule.
    pub rule: WallRule,
    /// The client's address.
    pub address: IpAddr,
    /// Whether the newest of them was refused, or only reported.
    pub refused: bool,
    /// The newest request's method.
    pub method: String,
    /// The newest request's path, without its query.
    pub path: String,
    /// What its program calls itself.
    pub agent: String,
    /// The newest request.
    pub request_id: String,
    /// When it came.
    pub at: Timestamp,
    /// How many there were.
    pub count: i64,
}

/// A finding as it is kept.
#[derive(Debug, Clone)]
pub struct BlockRecord {
    /// The newest request and how many there were in all.
    pub newest: Finding,
    /// When the first came.
    pub first_at: Timestamp,
    /// Until when the rule is not applied to the address.
    pub lifted_until: Option<Timestamp>,
    /// Who lifted it.
    pub lifted_by: Option<String>,
}

/// Which blocks.
#[derive(Debug, Clone, Default)]
pub struct BlockFilter {
    /// Only of this rule.
    pub rule: Option<WallRule>,
    /// Only of this address.
    pub address: Option<IpAddr>,
    /// Only this one.
    pub id: Option<BlockId>,
    /// At most so many.
    pub limit: i64,
}

struct Row {
    id: Uuid,
    rule: String,
    address: String,
    refused: bool,
    method: String,
    path: String,
    agent: String,
    request_id: String,
    first_at: jiff_sqlx::Timestamp,
    last_at: jiff_sqlx::Timestamp,
    count: i64,
    lifted_until: Option<jiff_sqlx::Timestamp>,
    lifted_by: Option<String>,
}

impl TryFrom<Row> for BlockRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            newest: Finding {
                id: BlockId::from_uuid(row.id),
                rule: read("security_block.rule", &row.rule)?,
                address: read("security_block.address", &row.address)?,
                refused: row.refused,
                method: row.method,
                path: row.path,
                agent: row.agent,
                request_id: row.request_id,
                at: row.last_at.to_jiff(),
                count: row.count,
            },
            first_at: row.first_at.to_jiff(),
            lifted_until: row.lifted_until.map(jiff_sqlx::Timestamp::to_jiff),
            lifted_by: row.lifted_by,
        })
    }
}

impl Scoped {
    /// The blocks of this kind, newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn blocks(&self, filter: &BlockFilter) -> Result<Vec<BlockRecord>, StoreError> {
        sqlx::query_as!(
            Row,
            r#"SELECT id, rule, host(address) AS "address!", refused, method, path, agent, request_id,
                      first_at, last_at, count, lifted_until, lifted_by
               FROM security_block
               WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR rule = $2)
                 AND ($3::text IS NULL OR address = $3::text::inet)
               ORDER BY last_at DESC, id LIMIT $4"#,
            filter.id.map(BlockId::uuid),
            filter.rule.map(WallRule::as_str),
            filter.address.map(|address| address.to_string()),
            filter.limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(BlockRecord::try_from)
        .collect()
    }

    /// The blocks that are lifted at `now`, and until when.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lifted_blocks(&self, now: Timestamp) -> Result<Vec<(BlockId, Timestamp)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT id, lifted_until AS "until!" FROM security_block WHERE lifted_until > $1"#,
            now.to_sqlx() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        let lifted = rows
            .into_iter()
            .map(|row| (BlockId::from_uuid(row.id), row.until.to_jiff()));
        Ok(lifted.collect())
    }
}

impl Unit {
    /// Adds what was found to what is known of this rule and address.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_finding(&mut self, finding: &Finding) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO security_block AS known
               (id, rule, address, refused, method, path, agent, request_id, first_at, last_at, count)
             VALUES ($1, $2, $3::text::inet, $4, $5, $6, $7, $8, $9, $9, $10)
             ON CONFLICT ON CONSTRAINT security_block_pkey DO UPDATE
             SET refused = excluded.refused, method = excluded.method, path = excluded.path, agent = excluded.agent,
                 request_id = excluded.request_id, last_at = excluded.last_at, count = known.count + excluded.count",
            finding.id.uuid(),
            finding.rule.as_str(),
            finding.address.to_string(),
            finding.refused,
            finding.method,
            finding.path,
            finding.agent,
            finding.request_id,
            finding.at.to_sqlx() as _,
            finding.count,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Forgets the oldest blocks but for `keep`, and none that is lifted at `now`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_blocks(&mut self, keep: i64, now: Timestamp) -> Result<u64, StoreError> {
        let forgotten = sqlx::query!(
            "DELETE FROM security_block
             WHERE last_at < (SELECT last_at FROM security_block ORDER BY last_at DESC, id OFFSET $1 LIMIT 1)
               AND (lifted_until IS NULL OR lifted_until <= $2)",
            keep,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(forgotten.rows_affected())
    }

    /// Lifts a block until then. Gives its rule and address, or nothing when there is no such block.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lift_block(
        &mut self,
        id: BlockId,
        until: Timestamp,
    ) -> Result<Option<(String, String)>, StoreError> {
        let row = sqlx::query!(
            r#"UPDATE security_block SET lifted_until = $2, lifted_by = $3 WHERE id = $1
               RETURNING rule, host(address) AS "address!""#,
            id.uuid(),
            until.to_sqlx() as _,
            self.behalf.to_string(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|row| (row.rule, row.address)))
    }
}
