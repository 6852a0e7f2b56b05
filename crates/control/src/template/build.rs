//! Building a template: ordered from a node, which starts from nothing.

use crate::intent::Intent;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{
    Action, FieldErrors, NodeId, NodeName, OperationId, OperationKind, Rule, TemplateId, TemplateName,
};
use store::{NewBuild, NewOperation, NodeRecord};
use wire::apikey::BuildTemplate;
use wire::node::{BuildTemplate as BuildOrder, Order, TemplateSource};

const DEFAULT_MODULES: [&str; 4] = ["web", "website", "mail", "website_mail"];
const DEFAULT_LANGUAGES: [&str; 2] = ["es_ES", "en_US"];
const MOST_WORDS: usize = 60;

impl Control {
    /// Begins to build a template, or to build it anew.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; a conflict when it is being built already.
    pub async fn build_template(
        &self,
        caller: &Caller,
        request: BuildTemplate,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::ChangeTemplates)?;
        let fingerprint = self.fingerprint("template.build", "", &request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let mut errors = FieldErrors::default();
        let name = errors.optional::<TemplateName>("name", request.name.as_deref());
        let wanted_node = errors.optional::<NodeName>("node", request.node.as_deref());
        let modules = errors.keep("modules", words(request.modules, &DEFAULT_MODULES, "a-z 0-9 _"));
        let languages = errors.keep(
            "languages",
            words(request.languages, &DEFAULT_LANGUAGES, "a-z A-Z 0-9 _ @"),
        );
        let nodes = self.store.on_behalf_of(caller.actor()).nodes().await?;
        let node = errors.keep("node", choose(nodes, wanted_node.as_ref()));
        let (Some(modules), Some(languages), Some(node), true) =
            (modules, languages, node, errors.is_empty())
        else {
            return Err(ControlError::fields(errors));
        };
        let name = name.unwrap_or_else(|| self.settings.default_template.clone());
        let order = BuildOrder {
            name,
            modules,
            languages,
            source: TemplateSource::Nothing,
        };
        let attempt = self
            .build_afresh(caller, node.id, OperationKind::BuildTemplate, order, &fingerprint)
            .await;
        self.begun(caller, &fingerprint, attempt).await
    }

    pub(crate) async fn build_afresh(
        &self,
        caller: &Caller,
        node: NodeId,
        kind: OperationKind,
        order: BuildOrder,
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let operation = OperationId::from_uuid(self.world.uuid());
        let template = TemplateId::from_uuid(self.world.uuid());
        let begun = unit
            .begin_template_build(NewBuild {
                id: template,
                node,
                name: &order.name,
                modules: &order.modules,
                operation,
            })
            .await?;
        begun.ok_or(ControlError::Conflict(ConflictReason::BuildUnderWay))?;
        let subject = order.name.clone();
        let new = NewOperation {
            id: operation,
            kind,
            tenant: None,
            subject: subject.as_str(),
            intent: serde_json::to_value(Intent::Template {
                source: order.source.clone(),
            })
            .map_err(ControlError::internal)?,
            node: Some(node),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now: self.world.now(),
        };
        self.dispatch(&mut unit, caller, new, 0, Order::BuildTemplate(order))
            .await?;
        unit.commit().await?;
        Ok(operation)
    }
}

/// Words that become arguments of Odoo's command line, so only harmless characters pass.
fn words(given: Option<Vec<String>>, default: &[&str], allowed: &'static str) -> Result<Vec<String>, Rule> {
    let given = given.unwrap_or_else(|| default.iter().map(ToString::to_string).collect());
    if !(1..=MOST_WORDS).contains(&given.len()) {
        return Err(Rule::Length {
            min: 1,
            max: MOST_WORDS,
        });
    }
    let harmless = |word: &String| {
        (1..=60).contains(&word.len())
            && word.starts_with(|c: char| c.is_ascii_alphanumeric())
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@')
    };
    if given.iter().all(harmless) {
        Ok(given)
    } else {
        Err(Rule::Characters { allowed })
    }
}

pub(crate) fn choose(mut nodes: Vec<NodeRecord>, name: Option<&NodeName>) -> Result<NodeRecord, Rule> {
    match name {
        Some(name) => nodes
            .into_iter()
            .find(|node| node.name == *name)
            .ok_or(Rule::Unknown),
        None if nodes.len() > 1 => Err(Rule::Required),
        None => nodes.pop().ok_or(Rule::Unknown),
    }
}
