//! What is sold, as the operator writes it: plans and products.

use crate::backup_schedule::{columns, schedule};
use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{BackupSchedule, PlanName, ProductName};

/// A plan with its limits; nothing is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRecord {
    /// Its name in the API.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// How many users a tenant may have.
    pub max_users: Option<i32>,
    /// How much database and filestore may hold together.
    pub max_storage_bytes: Option<i64>,
    /// Order in lists.
    pub position: i32,
    /// Whether a tenant may be put on it.
    pub is_offered: bool,
    /// Hours from one backup of its tenants to the next; nothing is as the setting says.
    pub backup_every_hours: Option<i16>,
    /// The hour at which these begin to be taken; nothing is as the setting says.
    pub backup_opens_hour: Option<i16>,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRecord {
    /// Its name in the API.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// The driver that makes it.
    pub driver: String,
    /// Order in lists.
    pub position: i32,
    /// Whether a tenant of it may be made.
    pub is_offered: bool,
}

impl PlanRecord {
    /// When its tenants are backed up, as far as it says so.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for hours that no day has.
    pub fn backup_schedule(&self) -> Result<BackupSchedule, StoreError> {
        schedule(self.backup_every_hours, self.backup_opens_hour)
    }

    /// The same plan with its tenants backed up as this says.
    #[must_use]
    pub fn with_backup_schedule(self, schedule: BackupSchedule) -> Self {
        let (backup_every_hours, backup_opens_hour) = columns(schedule);
        Self {
            backup_every_hours,
            backup_opens_hour,
            ..self
        }
    }
}

impl Scoped {
    /// The plans, in their order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn plans(&self) -> Result<Vec<PlanRecord>, StoreError> {
        Ok(sqlx::query_as!(
            PlanRecord,
            "SELECT name, display_name, max_users, max_storage_bytes, position, is_offered, backup_every_hours, backup_opens_hour
             FROM plan ORDER BY position, name"
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The products, in their order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn products(&self) -> Result<Vec<ProductRecord>, StoreError> {
        Ok(sqlx::query_as!(
            ProductRecord,
            "SELECT name, display_name, driver, position, is_offered FROM product ORDER BY position, name"
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

impl Unit {
    /// The plan of this name, its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_plan(&mut self, name: &PlanName) -> Result<Option<PlanRecord>, StoreError> {
        Ok(sqlx::query_as!(
            PlanRecord,
            "SELECT name, display_name, max_users, max_storage_bytes, position, is_offered, backup_every_hours, backup_opens_hour
             FROM plan WHERE name = $1 FOR UPDATE",
            name.as_str(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?)
    }

    /// Adds a plan.
    ///
    /// # Errors
    /// [`crate::Conflict::PlanName`] when one of that name is there.
    pub async fn insert_plan(&mut self, plan: &PlanRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO plan (name, display_name, max_users, max_storage_bytes, position, is_offered, backup_every_hours,
                 backup_opens_hour)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            plan.name,
            plan.display_name,
            plan.max_users,
            plan.max_storage_bytes,
            plan.position,
            plan.is_offered,
            plan.backup_every_hours,
            plan.backup_opens_hour,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes a plan anew.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn update_plan(&mut self, plan: &PlanRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE plan SET display_name = $2, max_users = $3, max_storage_bytes = $4, position = $5, is_offered = $6,
                 backup_every_hours = $7, backup_opens_hour = $8
             WHERE name = $1",
            plan.name,
            plan.display_name,
            plan.max_users,
            plan.max_storage_bytes,
            plan.position,
            plan.is_offered,
            plan.backup_every_hours,
            plan.backup_opens_hour,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Removes a plan.
    ///
    /// # Errors
    /// [`crate::Conflict::Reference`] when a tenant is on it.
    pub async fn delete_plan(&mut self, name: &PlanName) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM plan WHERE name = $1", name.as_str())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// How many tenants are on a plan, tombstones among them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants_on_plan(&mut self, name: &PlanName) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM tenant WHERE plan = $1"#,
            name.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }

    /// The product of this name, its row held until the unit ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_product(&mut self, name: &ProductName) -> Result<Option<ProductRecord>, StoreError> {
        Ok(sqlx::query_as!(
            ProductRecord,
            "SELECT name, display_name, driver, position, is_offered FROM product WHERE name = $1 FOR UPDATE",
            name.as_str(),
        )
        .fetch_optional(&mut *self.transaction)
        .await?)
    }

    /// Adds a product.
    ///
    /// # Errors
    /// [`crate::Conflict::ProductName`] when one of that name is there.
    pub async fn insert_product(&mut self, product: &ProductRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO product (name, display_name, driver, position, is_offered) VALUES ($1, $2, $3, $4, $5)",
            product.name,
            product.display_name,
            product.driver,
            product.position,
            product.is_offered,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Writes a product anew; its driver stays.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn update_product(&mut self, product: &ProductRecord) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE product SET display_name = $2, position = $3, is_offered = $4 WHERE name = $1",
            product.name,
            product.display_name,
            product.position,
            product.is_offered,
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Removes a product.
    ///
    /// # Errors
    /// [`crate::Conflict::Reference`] when there is a tenant of it.
    pub async fn delete_product(&mut self, name: &ProductName) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM product WHERE name = $1", name.as_str())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// How many tenants there are of a product, tombstones among them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenants_of_product(&mut self, name: &ProductName) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM tenant WHERE product = $1"#,
            name.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await?)
    }
}
