//! Looking at templates.

use crate::{Caller, Control, ControlError};
use domain::Action;
use wire::apikey::Template;

impl Control {
    /// Every template, by name and node.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn templates(&self, caller: &Caller) -> Result<Vec<Template>, ControlError> {
        caller.require(Action::ReadTemplates)?;
        let view = |record: store::TemplateRecord| Template {
            id: record.id.to_string(),
            name: record.name.to_string(),
            node: record.node.to_string(),
            product: record.product.to_string(),
            state: record.state,
            odoo_version: record.odoo_version,
            modules: record.modules,
            languages: record.languages,
            size_bytes: record.size_bytes,
            built_at: record.built_at,
            version: record.version,
            digest: record.digest,
            warmed_at: record.warmed_at,
            adopted_from: record.adopted_from,
            pool_size: record.pool_size,
        };
        Ok(self
            .store
            .on_behalf_of(caller.actor())
            .templates()
            .await?
            .into_iter()
            .map(view)
            .collect())
    }
}
