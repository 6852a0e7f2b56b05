//! Plans and products by name.

use crate::{error::StoreError, scope::Unit};
use domain::{PlanName, ProductName};

impl Unit {
    /// Whether there is such a plan.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn plan_exists(&mut self, name: &PlanName) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM plan WHERE name = $1) AS "exists!""#,
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

    /// The names of all plans, in their order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn plan_names(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!("SELECT name FROM plan ORDER BY position")
            .fetch_all(&mut *self.transaction)
            .await?)
    }
}
