//! Plans and products by name.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{PlanName, ProductName};
use sqlx::PgExecutor;

async fn plan_exists(executor: impl PgExecutor<'_>, name: &PlanName) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM plan WHERE name = $1) AS "exists!""#,
        name.as_str()
    )
    .fetch_one(executor)
    .await?)
}

impl Scoped {
    /// Whether there is such a plan.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn plan_exists(&self, name: &PlanName) -> Result<bool, StoreError> {
        plan_exists(&self.pool, name).await
    }
}

impl Unit {
    /// Whether there is such a plan.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn plan_exists(&mut self, name: &PlanName) -> Result<bool, StoreError> {
        plan_exists(&mut *self.transaction, name).await
    }

    /// Whether tenants are put on this plan.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn plan_is_offered(&mut self, name: &PlanName) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM plan WHERE name = $1 AND is_offered) AS "offered!""#,
            name.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Whether tenants of this product are made.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn product_is_offered(&mut self, name: &ProductName) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM product WHERE name = $1 AND is_offered) AS "offered!""#,
            name.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// Whether there is such a product.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn product_exists(&mut self, name: &ProductName) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM product WHERE name = $1) AS "exists!""#,
            name.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// The names of the plans that tenants are put on, in their order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn plan_names(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(
            sqlx::query_scalar!("SELECT name FROM plan WHERE is_offered ORDER BY position, name")
                .fetch_all(&mut *self.transaction)
                .await?,
        )
    }
}
