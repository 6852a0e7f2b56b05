//! Products: listed, added, changed, removed.

use super::{check_confirmed, display_name, position, there};
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, ProductName, Rule};
use serde_json::{Value, json};
use store::ProductRecord;
use wire::catalogue::{CreateProduct, Product, UpdateProduct};

/// The drivers that nodes have.
const DRIVERS: [&str; 1] = ["odoo"];

impl Control {
    /// The products, in their order.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn products(&self, caller: &Caller) -> Result<Vec<Product>, ControlError> {
        caller.require(Action::ReadCatalogue)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let (counts, products) = tokio::try_join!(scoped.tenant_counts(), scoped.products())?;
        let seen = products.into_iter().map(|product| {
            let tenants = there(&counts, |one| one.product == product.name);
            view(product, tenants)
        });
        Ok(seen.collect())
    }

    async fn product_called(&self, caller: &Caller, name: &ProductName) -> Result<Product, ControlError> {
        let products = self.products(caller).await?;
        let found = products.into_iter().find(|product| product.name == name.as_str());
        found.ok_or(ControlError::NotFound("product"))
    }

    /// Adds a product.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ConflictReason::ProductNameTaken`].
    pub async fn create_product(
        &self,
        caller: &Caller,
        request: &CreateProduct,
    ) -> Result<Product, ControlError> {
        caller.require(Action::ChangeCatalogue)?;
        let mut errors = FieldErrors::default();
        let name: Option<ProductName> = errors.required("name", request.name.as_deref());
        let shown = display_name(&mut errors, request.display_name.as_deref());
        if request.display_name.is_none() {
            errors.push("display_name", Rule::Required);
        }
        let driver = request.driver.as_deref().unwrap_or("odoo");
        if !DRIVERS.contains(&driver) {
            let allowed = DRIVERS.join(", ");
            errors.push("driver", Rule::OneOf { allowed });
        }
        let place = position(&mut errors, request.position);
        let (Some(name), Some(display_name), true) = (name, shown, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        let scoped = self.store.on_behalf_of(caller.actor());
        let last = scoped
            .products()
            .await?
            .last()
            .map_or(0, |product| product.position);
        let product = ProductRecord {
            name: name.to_string(),
            display_name,
            driver: driver.to_owned(),
            position: place.unwrap_or_else(|| last.saturating_add(1)),
            is_offered: request.is_offered.unwrap_or(true),
        };
        let mut unit = scoped.begin().await?;
        unit.insert_product(&product).await?;
        let detail = json!({ "after": told(&product) });
        self.note_sold(unit, caller, ("product.create", name.as_str()), detail)
            .await?;
        self.product_called(caller, &name).await
    }

    /// Changes a product.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`].
    pub async fn update_product(
        &self,
        caller: &Caller,
        name: &ProductName,
        request: &UpdateProduct,
    ) -> Result<Product, ControlError> {
        caller.require(Action::ChangeCatalogue)?;
        let mut errors = FieldErrors::default();
        let shown = display_name(&mut errors, request.display_name.as_deref());
        let place = position(&mut errors, request.position);
        let said = [
            request.display_name.is_some(),
            request.position.is_some(),
            request.is_offered.is_some(),
        ];
        if !said.contains(&true) {
            errors.push("body", Rule::Nothing);
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit
            .lock_product(name)
            .await?
            .ok_or(ControlError::NotFound("product"))?;
        let after = ProductRecord {
            name: before.name.clone(),
            driver: before.driver.clone(),
            display_name: shown.unwrap_or_else(|| before.display_name.clone()),
            position: place.unwrap_or(before.position),
            is_offered: request.is_offered.unwrap_or(before.is_offered),
        };
        unit.update_product(&after).await?;
        let detail = json!({ "before": told(&before), "after": told(&after) });
        self.note_sold(unit, caller, ("product.update", name.as_str()), detail)
            .await?;
        self.product_called(caller, name).await
    }

    /// Removes a product that no tenant is of, not even a deleted one that can come back.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Invalid`] on `confirm`; [`ConflictReason::SoldInUse`].
    pub async fn remove_product(
        &self,
        caller: &Caller,
        name: &ProductName,
        confirm: Option<&str>,
    ) -> Result<(), ControlError> {
        caller.require(Action::ChangeCatalogue)?;
        check_confirmed(name.as_str(), confirm)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let before = unit
            .lock_product(name)
            .await?
            .ok_or(ControlError::NotFound("product"))?;
        match unit.tenants_of_product(name).await? {
            0 => unit.delete_product(name).await?,
            tenants => return Err(ControlError::Conflict(ConflictReason::SoldInUse(tenants))),
        }
        let detail = json!({ "before": told(&before) });
        self.note_sold(unit, caller, ("product.remove", name.as_str()), detail)
            .await
    }
}

fn view(product: ProductRecord, tenants: i64) -> Product {
    Product {
        name: product.name,
        display_name: product.display_name,
        driver: product.driver,
        position: i64::from(product.position),
        is_offered: product.is_offered,
        tenants,
    }
}

fn told(product: &ProductRecord) -> Value {
    json!({ "display_name": product.display_name, "driver": product.driver, "position": product.position,
        "is_offered": product.is_offered })
}
