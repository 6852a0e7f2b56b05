//! Lists of tenants: filter, search, order, keyset pages.

use crate::error::StoreError;
use crate::scope::{Bounds, Scoped, Unit};
use crate::tenant::{Row, TenantRecord};
use domain::{
    DatabaseName, Extent, NodeName, OrganizationId, PlanName, ProductName, Reach, SuspensionReason, TenantId,
    TenantState,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Which tenants.
#[derive(Debug, Clone, Default)]
pub struct TenantFilter {
    /// Only these states; empty is every state.
    pub states: Vec<TenantState>,
    /// Only this plan.
    pub plan: Option<PlanName>,
    /// Only this product.
    pub product: Option<ProductName>,
    /// Only on this node.
    pub node: Option<NodeName>,
    /// Only those that are suspended for this reason, among others perhaps.
    pub reason: Option<SuspensionReason>,
    /// Only these, by name; nothing is every one.
    pub names: Option<Vec<DatabaseName>>,
    /// Only of this organization.
    pub organization: Option<OrganizationId>,
    /// Part of the subdomain, the company's name or the e-mail address.
    pub search: Option<String>,
    /// Only those whose time ends after the first and not after the second of these.
    pub expires: Option<(Timestamp, Timestamp)>,
}

impl TenantFilter {
    fn counted(&self) -> i64 {
        match &self.search {
            Some(search) if search.chars().count() < INDEXED_LETTERS => COUNTED_WITHOUT_INDEX,
            Some(_) | None => COUNTED,
        }
    }
}

/// By what a list is ordered; the identity breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// When it was asked for.
    CreatedAt,
    /// The subdomain.
    Subdomain,
    /// The company's name.
    CompanyName,
}

/// Which way a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// After which row a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageCursor {
    /// In a list by time.
    Time(Timestamp, Uuid),
    /// In a list by a text.
    Text(String, Uuid),
}

/// Up to how many are counted: counting all of a hundred thousand takes ten times as long as finding a page.
const COUNTED: i64 = 1_000;
/// Up to how many are counted by reading row after row, because no index finds less than three letters.
const COUNTED_WITHOUT_INDEX: i64 = 200;
const INDEXED_LETTERS: usize = 3;

/// A page of tenants.
#[derive(Debug)]
pub struct TenantSlice {
    /// The tenants.
    pub tenants: Vec<TenantRecord>,
    /// How many match in all, as far as they are counted.
    pub total: i64,
    /// Whether no more match than that.
    pub is_total_exact: bool,
    /// Whether there are more after these.
    pub more: bool,
}

impl SortKey {
    const fn column(self) -> &'static str {
        match self {
            Self::CreatedAt => "t.created_at",
            Self::Subdomain => "t.subdomain",
            Self::CompanyName => "t.company_name",
        }
    }
}

impl Scoped {
    /// A page of at most `limit` of the tenants that it may be done with, after `cursor`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants(
        &self,
        reach: &Reach,
        filter: &TenantFilter,
        sort: (SortKey, Direction),
        cursor: Option<&PageCursor>,
        limit: i64,
    ) -> Result<TenantSlice, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT t.id, t.subdomain, t.company_name, t.admin_email, t.plan, t.product, t.node_id, n.name AS node,
                    n.address_pattern, t.template, t.organization_id, t.state, t.paused_at,
                    coalesce((SELECT jsonb_agg(jsonb_build_object('reason', s.reason, 'form', s.form, 'note', s.note,
                        'since', s.since, 'by', s.requested_by, 'operation', s.operation_id) ORDER BY s.since, s.reason)
                        FROM suspension s WHERE s.tenant_id = t.id), '[]') AS suspensions,
                    t.generation, t.operation_id,
                    t.language, t.country, t.timezone, t.created_at, t.updated_at, t.expires_at,
                    t.deleted_at, t.purge_after,
                    t.switch, t.switch_reason, t.switch_by, t.switch_at
             FROM tenant t JOIN node n ON n.id = t.node_id WHERE true",
        );
        bound(&mut query, reach.done());
        restrict(&mut query, filter);
        if let Some(cursor) = cursor {
            begin_after(&mut query, sort, cursor);
        }
        let direction = if sort.1 == Direction::Ascending {
            "ASC"
        } else {
            "DESC"
        };
        query.push(format!(
            " ORDER BY {} {direction}, t.id {direction} LIMIT ",
            sort.0.column()
        ));
        query.push_bind(limit + 1);
        // Planned for what is looked for: a plan for any search reads the whole index for one of two letters.
        let page = query.build_query_as().persistent(false);
        let counted = filter.counted();
        let mut count = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM tenant t");
        if filter.node.is_some() {
            count.push(" JOIN node n ON n.id = t.node_id");
        }
        count.push(" WHERE true");
        bound(&mut count, reach.done());
        restrict(&mut count, filter);
        count.push(" LIMIT ").push_bind(counted + 1).push(") AS matching");
        let count = count.build_query_scalar().persistent(false);
        // Neither needs the other, and each has a core to itself.
        let (mut rows, found): (Vec<Row>, i64) =
            tokio::try_join!(page.fetch_all(&self.pool), count.fetch_one(&self.pool))?;
        let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let tenants = rows
            .into_iter()
            .map(TenantRecord::try_from)
            .collect::<Result<_, _>>()?;
        Ok(TenantSlice {
            tenants,
            total: found.min(counted),
            is_total_exact: found <= counted,
            more,
        })
    }
}

impl Scoped {
    /// How many tenants there are in each state.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants_by_state(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows =
            sqlx::query!(r#"SELECT state, count(*) AS "count!" FROM tenant GROUP BY state ORDER BY state"#)
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
    }
}

impl Unit {
    /// Which of these tenants, whose rows are locked, the filter finds now.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn still_matching(
        &mut self,
        filter: &TenantFilter,
        locked: &[TenantRecord],
    ) -> Result<Vec<TenantId>, StoreError> {
        let ids: Vec<Uuid> = locked.iter().map(|tenant| tenant.id.uuid()).collect();
        let mut query =
            QueryBuilder::new("SELECT t.id FROM tenant t JOIN node n ON n.id = t.node_id WHERE t.id = ANY(");
        query.push_bind(ids).push(")");
        restrict(&mut query, filter);
        let found: Vec<Uuid> = query
            .build_query_scalar()
            .fetch_all(&mut *self.transaction)
            .await?;
        Ok(found.into_iter().map(TenantId::from_uuid).collect())
    }
}

fn bound(query: &mut QueryBuilder<Postgres>, extent: &Extent) {
    let bounds = Bounds::from(extent);
    if !bounds.every_organization {
        query
            .push(" AND t.organization_id = ANY(")
            .push_bind(bounds.organizations)
            .push(")");
    }
    if let Some(tenants) = bounds.tenants {
        query.push(" AND t.id = ANY(").push_bind(tenants).push(")");
    }
}

fn restrict(query: &mut QueryBuilder<Postgres>, filter: &TenantFilter) {
    if !filter.states.is_empty() {
        let states: Vec<String> = filter.states.iter().map(ToString::to_string).collect();
        query.push(" AND t.state = ANY(").push_bind(states).push(")");
    }
    if let Some(plan) = &filter.plan {
        query.push(" AND t.plan = ").push_bind(plan.as_str().to_owned());
    }
    if let Some(product) = &filter.product {
        query
            .push(" AND t.product = ")
            .push_bind(product.as_str().to_owned());
    }
    if let Some(organization) = filter.organization {
        query
            .push(" AND t.organization_id = ")
            .push_bind(organization.uuid());
    }
    if let Some(node) = &filter.node {
        query.push(" AND n.name = ").push_bind(node.as_str().to_owned());
    }
    if let Some(reason) = filter.reason {
        query
            .push(" AND EXISTS (SELECT FROM suspension s WHERE s.tenant_id = t.id AND s.reason = ")
            .push_bind(reason.as_str())
            .push(")");
    }
    if let Some((after, until)) = filter.expires {
        query.push(" AND t.expires_at > ").push_bind(after.to_sqlx());
        query.push(" AND t.expires_at <= ").push_bind(until.to_sqlx());
    }
    if let Some(names) = &filter.names {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        query
            .push(" AND t.database_name = ANY(")
            .push_bind(names)
            .push(")");
    }
    if let Some(search) = &filter.search {
        let escaped = search
            .to_lowercase()
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        query
            .push(" AND t.search_text LIKE ")
            .push_bind(format!("%{escaped}%"));
    }
}

fn begin_after(query: &mut QueryBuilder<Postgres>, sort: (SortKey, Direction), cursor: &PageCursor) {
    let sign = if sort.1 == Direction::Ascending { ">" } else { "<" };
    query.push(format!(" AND ({}, t.id) {sign} (", sort.0.column()));
    match cursor {
        PageCursor::Time(at, id) => query.push_bind(at.to_sqlx()).push(", ").push_bind(*id),
        PageCursor::Text(text, id) => query.push_bind(text.clone()).push(", ").push_bind(*id),
    };
    query.push(")");
}
