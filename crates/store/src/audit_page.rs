//! Looking at the audit trail: filter, search, order, keyset pages.

use crate::error::{StoreError, read};
use crate::scope::{Bounds, Scoped};
use crate::tenant_page::Direction;
use domain::chain::Hash;
use domain::{AuditOutcome, Extent, OperationId, OrganizationId, Reach, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// An entry as it is kept.
#[derive(Debug, Clone)]
pub struct AuditRecord {
    /// Identity.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// In which role.
    pub role: Option<String>,
    /// What.
    pub action: String,
    /// How it went.
    pub outcome: AuditOutcome,
    /// To what.
    pub subject: String,
    /// Whose members may see it.
    pub organization: Option<OrganizationId>,
    /// The tenant that it is about.
    pub tenant: Option<TenantId>,
    /// The operation that did it.
    pub operation: Option<OperationId>,
    /// The request that asked for it.
    pub request_id: Option<String>,
    /// The address that asked.
    pub address: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// More.
    pub detail: Value,
    /// Its place in the chain, once it is sealed.
    pub sealed: Option<Sealed>,
}

/// The place of an entry in the chain.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// In which day's chain.
    pub day: Date,
    /// At which place.
    pub number: i64,
    /// The hash that binds it to the entry before.
    pub hash: Hash,
    /// The signature, with the last of those that were sealed together.
    pub signature: Option<Vec<u8>>,
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only of this action; with a `*` at its end, of all that begin so.
    pub action: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only of this subject.
    pub subject: Option<String>,
    /// Only about the tenant of this database.
    pub database: Option<String>,
    /// Only about this tenant.
    pub tenant: Option<TenantId>,
    /// Only those that this organization's members may see.
    pub organization: Option<OrganizationId>,
    /// Only from this address.
    pub address: Option<String>,
    /// Only what customers did: whose address is not shown must not be found by it.
    pub customers_only: bool,
    /// Only with this outcome.
    pub outcome: Option<AuditOutcome>,
    /// Only of this operation.
    pub operation: Option<OperationId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Part of subject, actor, reason or request id.
    pub search: Option<String>,
}

/// By what the entries are ordered; time and identity break ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditSort {
    /// When.
    At,
    /// What.
    Action,
    /// Who.
    Actor,
    /// To what.
    Subject,
}

/// After which entry a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCursor {
    /// What the list is ordered by, unless it is the time.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Identity.
    pub id: i64,
}

/// Up to how many are counted.
const COUNTED: i64 = 1_000;

pub(crate) const COLUMNS: &str =
    "e.id, e.at, e.actor, e.role, e.action, e.outcome, e.subject, e.organization_id, e.tenant_id,
    e.operation_id, e.request_id, e.address, e.reason, e.detail, e.chain_day, e.chain_number, e.chain_hash,
    e.chain_signature";

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) at: jiff_sqlx::Timestamp,
    pub(crate) actor: String,
    pub(crate) role: Option<String>,
    pub(crate) action: String,
    pub(crate) outcome: String,
    pub(crate) subject: String,
    pub(crate) organization_id: Option<Uuid>,
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) operation_id: Option<Uuid>,
    pub(crate) request_id: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Value,
    pub(crate) chain_day: Option<jiff_sqlx::Date>,
    pub(crate) chain_number: Option<i64>,
    pub(crate) chain_hash: Option<Vec<u8>>,
    pub(crate) chain_signature: Option<Vec<u8>>,
}

impl TryFrom<Row> for AuditRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let column = "audit_entry.chain_hash";
        let hash = |bytes: Vec<u8>| Hash::of_bytes(&bytes).ok_or(StoreError::Corrupt { column });
        let sealed = match (row.chain_day, row.chain_number, row.chain_hash) {
            (Some(day), Some(number), Some(bytes)) => Some(Sealed {
                day: day.to_jiff(),
                number,
                hash: hash(bytes)?,
                signature: row.chain_signature,
            }),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            at: row.at.to_jiff(),
            actor: row.actor,
            role: row.role,
            action: row.action,
            outcome: read("audit_entry.outcome", &row.outcome)?,
            subject: row.subject,
            organization: row.organization_id.map(OrganizationId::from_uuid),
            tenant: row.tenant_id.map(TenantId::from_uuid),
            operation: row.operation_id.map(OperationId::from_uuid),
            request_id: row.request_id,
            address: row.address,
            reason: row.reason,
            detail: row.detail,
            sealed,
        })
    }
}

impl AuditSort {
    const fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::At => ("", "e.at, e.id"),
            Self::Action => ("e.action", "e.action, e.at, e.id"),
            Self::Actor => ("e.actor", "e.actor, e.at, e.id"),
            Self::Subject => ("e.subject", "e.subject, e.at, e.id"),
        }
    }
}

impl Scoped {
    /// A page of at most `limit` of the entries that may be seen, after `cursor`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_entries(
        &self,
        reach: &Reach,
        filter: &AuditFilter,
        sort: (AuditSort, Direction),
        cursor: Option<&AuditCursor>,
        limit: i64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM audit_entry e WHERE true"));
        bound(&mut query, reach.done());
        restrict(&mut query, filter);
        let (text, columns) = sort.0.columns();
        if let Some(cursor) = cursor {
            let sign = if sort.1 == Direction::Ascending { ">" } else { "<" };
            query.push(format!(" AND ({columns}) {sign} ("));
            if !text.is_empty() {
                query.push_bind(cursor.text.clone()).push(", ");
            }
            query
                .push_bind(cursor.at.to_sqlx())
                .push(", ")
                .push_bind(cursor.id)
                .push(")");
        }
        let direction = if sort.1 == Direction::Ascending {
            " ASC"
        } else {
            " DESC"
        };
        let order = columns.replace(',', &format!("{direction},"));
        query
            .push(format!(" ORDER BY {order}{direction} LIMIT "))
            .push_bind(limit);
        // Planned for what is looked for, as lists of tenants are.
        let rows: Vec<Row> = query
            .build_query_as()
            .persistent(false)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(AuditRecord::try_from).collect()
    }

    /// How many entries there are, as far as they are counted, and whether there are no more than that.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn count_audit_entries(
        &self,
        reach: &Reach,
        filter: &AuditFilter,
    ) -> Result<(i64, bool), StoreError> {
        let mut count = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM audit_entry e WHERE true");
        bound(&mut count, reach.done());
        restrict(&mut count, filter);
        count.push(" LIMIT ").push_bind(COUNTED + 1).push(") AS matching");
        let query = count.build_query_scalar().persistent(false);
        let found: i64 = query.fetch_one(&self.pool).await?;
        Ok((found.min(COUNTED), found <= COUNTED))
    }

    /// One entry, if it may be seen.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audit_entry(&self, reach: &Reach, id: i64) -> Result<Option<AuditRecord>, StoreError> {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM audit_entry e WHERE e.id = "));
        query.push_bind(id);
        bound(&mut query, reach.done());
        let row: Option<Row> = query.build_query_as().fetch_optional(&self.pool).await?;
        row.map(AuditRecord::try_from).transpose()
    }
}

fn bound(query: &mut QueryBuilder<Postgres>, extent: &Extent) {
    let bounds = Bounds::from(extent);
    if !bounds.every_organization {
        query
            .push(" AND e.organization_id = ANY(")
            .push_bind(bounds.organizations)
            .push(")");
    }
    if let Some(tenants) = bounds.tenants {
        query.push(" AND e.tenant_id = ANY(").push_bind(tenants).push(")");
    }
}

fn restrict(query: &mut QueryBuilder<Postgres>, filter: &AuditFilter) {
    match filter
        .action
        .as_deref()
        .map(|action| (action, action.strip_suffix('*')))
    {
        None => {}
        Some((_, Some(beginning))) => {
            let pattern = format!("{}%", escaped(beginning));
            query.push(" AND e.action LIKE ").push_bind(pattern);
        }
        Some((action, None)) => {
            query.push(" AND e.action = ").push_bind(action.to_owned());
        }
    }
    let texts = [
        ("e.actor", &filter.actor),
        ("e.subject", &filter.subject),
        ("e.address", &filter.address),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            query.push(format!(" AND {column} = ")).push_bind(text.clone());
        }
    }
    if let Some(database) = &filter.database {
        query
            .push(" AND e.tenant_id = (SELECT t.id FROM tenant t WHERE t.database_name = ")
            .push_bind(database.clone())
            .push(")");
    }
    let ids = [
        ("e.tenant_id", filter.tenant.map(TenantId::uuid)),
        ("e.organization_id", filter.organization.map(OrganizationId::uuid)),
        ("e.operation_id", filter.operation.map(OperationId::uuid)),
    ];
    for (column, id) in ids {
        if let Some(id) = id {
            query.push(format!(" AND {column} = ")).push_bind(id);
        }
    }
    if filter.customers_only {
        query.push(" AND e.role LIKE 'organization:%'");
    }
    if let Some(outcome) = filter.outcome {
        query.push(" AND e.outcome = ").push_bind(outcome.as_str());
    }
    if let Some(from) = filter.from {
        query.push(" AND e.at >= ").push_bind(from.to_sqlx());
    }
    if let Some(to) = filter.to {
        query.push(" AND e.at < ").push_bind(to.to_sqlx());
    }
    if let Some(search) = &filter.search {
        let pattern = format!("%{}%", escaped(&search.to_lowercase()));
        query.push(" AND e.search_text LIKE ").push_bind(pattern);
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
