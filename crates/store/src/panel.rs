//! Figures for the panel: tenants and operations, counted.

use crate::error::StoreError;
use crate::scope::Scoped;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// How many tenants are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantCount {
    /// Their state.
    pub state: String,
    /// Their plan.
    pub plan: String,
    /// Their product.
    pub product: String,
    /// The node that they live on.
    pub node: String,
    /// How many.
    pub count: i64,
}

/// What happened on one day, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// The day, as `2026-11-29`.
    pub day: String,
    /// A state, or nothing where everything is counted.
    pub state: String,
    /// How many.
    pub count: i64,
}

impl Scoped {
    /// Tenants by state, plan, product and node, in one pass.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenant_counts(&self) -> Result<Vec<TenantCount>, StoreError> {
        Ok(sqlx::query_as!(
            TenantCount,
            r#"SELECT t.state, t.plan, t.product, n.name AS node, t.count AS "count!"
             FROM (SELECT state, plan, product, node_id, count(*) FROM tenant GROUP BY state, plan, product, node_id) t
             JOIN node n ON n.id = t.node_id"#
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// How many of the tenants that there are were asked for on each day since then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants_made_since(&self, since: Timestamp) -> Result<Vec<DayCount>, StoreError> {
        Ok(sqlx::query_as!(
            DayCount,
            r#"SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "day!", '' AS "state!", count(*) AS "count!"
             FROM tenant WHERE created_at >= $1 GROUP BY 1"#,
            since.to_sqlx() as _
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// How many operations of each state were asked for on each day since then.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn operations_since(&self, since: Timestamp) -> Result<Vec<DayCount>, StoreError> {
        Ok(sqlx::query_as!(
            DayCount,
            r#"SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "day!", state, count(*) AS "count!"
             FROM operation WHERE created_at >= $1 GROUP BY 1, 2"#,
            since.to_sqlx() as _
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// How many operations have not ended, by state.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn operations_open(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT state, count(*) AS "count!" FROM operation WHERE state IN ('queued', 'running') GROUP BY state"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
    }
}
