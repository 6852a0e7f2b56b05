//! Who changed what.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::OperationId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// One entry of the audit trail. The actor is the unit's.
#[derive(Debug, Clone)]
pub struct AuditEntry<'a> {
    /// When.
    pub at: Timestamp,
    /// What, as a stable word.
    pub action: &'a str,
    /// To what: a subdomain, a name.
    pub subject: &'a str,
    /// The operation that does it.
    pub operation: Option<OperationId>,
    /// The request that asked for it.
    pub request_id: Option<&'a str>,
    /// More, without secrets.
    pub detail: serde_json::Value,
}

impl Unit {
    /// Writes an audit entry in this unit's transaction.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit(&mut self, entry: AuditEntry<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO audit_entry (at, actor, action, subject, operation_id, request_id, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            entry.at.to_sqlx() as _,
            self.actor.to_string(),
            entry.action,
            entry.subject,
            entry.operation.map(OperationId::uuid),
            entry.request_id,
            entry.detail,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

impl Scoped {
    /// Writes down that something was refused; the same refusal of the same actor once a minute, so that nobody fills
    /// the trail by asking again and again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_refusal(&self, entry: AuditEntry<'_>) -> Result<(), StoreError> {
        let since = entry.at - jiff::SignedDuration::from_mins(1);
        sqlx::query!(
            "INSERT INTO audit_entry (at, actor, action, subject, request_id, detail)
             SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM audit_entry
                 WHERE actor = $2 AND at > $7 AND action = $3 AND subject = $4)",
            entry.at.to_sqlx() as _,
            self.actor().to_string(),
            entry.action,
            entry.subject,
            entry.request_id,
            entry.detail,
            since.to_sqlx() as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
