//! The history of operations: filter, search, keyset pages.

use crate::error::StoreError;
use crate::operation::{OperationRecord, Row};
use crate::scope::{Bounds, Scoped};
use domain::{NodeName, OperationId, OperationKind, OperationState, Reach};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// Where a page ended: the next one begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationCursor {
    /// When the last one was asked for.
    pub created_at: Timestamp,
    /// The last one.
    pub id: OperationId,
}

/// Which operations. Nothing is every one.
#[derive(Debug, Clone, Default)]
pub struct OperationFilter {
    /// On this tenant or template, by name.
    pub subject: Option<String>,
    /// Parts of this one.
    pub parent: Option<OperationId>,
    /// Of this kind.
    pub kind: Option<OperationKind>,
    /// In this state.
    pub state: Option<OperationState>,
    /// Done by this node.
    pub node: Option<NodeName>,
    /// Asked for by this one: an identity, or `system`.
    pub actor: Option<String>,
    /// Asked for at this time or later.
    pub from: Option<Timestamp>,
    /// Asked for before this time.
    pub to: Option<Timestamp>,
    /// Words in subject, kind or failure.
    pub text: Option<String>,
    /// After this one.
    pub after: Option<OperationCursor>,
}

/// The pattern that finds this text anywhere, with nothing special in it.
fn containing(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

impl Scoped {
    /// The newest of these operations that may be seen, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn operation_page(
        &self,
        reach: &Reach,
        filter: &OperationFilter,
        limit: i64,
    ) -> Result<Vec<OperationRecord>, StoreError> {
        let bounds = Bounds::from(reach.done());
        sqlx::query_as!(
            Row,
            r#"SELECT o.id, o.kind, o.state, o.tenant_id, o.subject, o.intent, n.name AS "node?", o.steps, o.facts, o.parent_id, o.requested_by,
                    o.failure_code, o.failure_detail, o.request_hash, o.created_at, o.started_at, o.finished_at
             FROM operation o LEFT JOIN node n ON n.id = o.node_id
             WHERE ($1::text IS NULL OR o.subject = $1) AND ($2::uuid IS NULL OR o.parent_id = $2)
               AND ($3::text IS NULL OR o.kind = $3) AND ($4::text IS NULL OR o.state = $4) AND ($5::text IS NULL OR n.name = $5)
               AND ($6::text IS NULL OR o.requested_by = $6) AND ($7::timestamptz IS NULL OR o.created_at >= $7)
               AND ($8::timestamptz IS NULL OR o.created_at < $8)
               AND ($9::text IS NULL OR concat_ws(' ', o.subject, o.kind, o.failure_code, o.failure_detail) ILIKE $9)
               AND ($10::timestamptz IS NULL OR (o.created_at, o.id) < ($10, $11::uuid))
               AND ($12 OR EXISTS (SELECT FROM tenant t
                 WHERE t.id = o.tenant_id AND ($13 OR t.organization_id = ANY($14)) AND ($15::uuid[] IS NULL OR t.id = ANY($15))))
             ORDER BY o.created_at DESC, o.id DESC LIMIT $16"#,
            filter.subject,
            filter.parent.map(OperationId::uuid),
            filter.kind.map(OperationKind::as_str),
            filter.state.map(OperationState::as_str),
            filter.node.as_ref().map(NodeName::as_str),
            filter.actor,
            filter.from.map(ToSqlx::to_sqlx) as _,
            filter.to.map(ToSqlx::to_sqlx) as _,
            filter.text.as_deref().map(containing),
            filter.after.map(|after| after.created_at.to_sqlx()) as _,
            filter.after.map(|after| after.id.uuid()),
            reach.done().is_everything(),
            bounds.every_organization,
            &bounds.organizations,
            bounds.tenants.as_deref(),
            limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(OperationRecord::try_from)
        .collect()
    }
}
