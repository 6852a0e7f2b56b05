//! Looking at templates.

use crate::{Caller, Control, ControlError};
use domain::{Action, NodeName, TemplateName};
use std::collections::HashMap;
use store::{Scoped, TemplateRecord};
use wire::apikey::Template;
use wire::node::Observed;

/// The word for one that is there, but is not cloned.
const DAMAGED: &str = "damaged";

/// What nodes say is wrong with their templates.
type Damage = HashMap<(NodeName, TemplateName), String>;

impl Control {
    /// Every template, by name and node.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn templates(&self, caller: &Caller) -> Result<Vec<Template>, ControlError> {
        caller.require(Action::ReadTemplates)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let mut damage = damage(&scoped).await?;
        let templates = scoped.templates().await?.into_iter();
        Ok(templates.map(|record| view(record, &mut damage)).collect())
    }
}

async fn damage(scoped: &Scoped) -> Result<Damage, ControlError> {
    let mut damage = Damage::new();
    for node in scoped.nodes().await? {
        let said = scoped.node_observed(node.id).await?;
        let observed = said.and_then(|(said, _)| serde_json::from_value::<Observed>(said).ok());
        for pool in observed.unwrap_or_default().pools {
            if let Some(words) = pool.damage {
                damage.insert((node.name.clone(), pool.template), words);
            }
        }
    }
    Ok(damage)
}

fn view(record: TemplateRecord, damage: &mut Damage) -> Template {
    // What was last seen of one that is being built, or gone, says nothing of what comes.
    let is_ready = record.state == store::TemplateState::Ready.as_str();
    let damage = damage
        .remove(&(record.node.clone(), record.name.clone()))
        .filter(|_| is_ready);
    Template {
        id: record.id.to_string(),
        name: record.name.to_string(),
        node: record.node.to_string(),
        product: record.product.to_string(),
        state: match damage {
            Some(_) => DAMAGED.to_owned(),
            None => record.state,
        },
        damage,
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
    }
}
