//! What can be done with a template that is there: build it anew, warm it, size its pool, retire it; and making one
//! of a copy of a database.

use crate::intent::Intent;
use crate::template::build::choose;
use crate::tenant::adopt::check_form;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, NodeName, OperationId, OperationKind, Rule, Subdomain, TemplateName};
use serde::Serialize;
use store::{NewOperation, NodeRecord, TemplateRecord};
use wire::apikey::{AdoptTemplate, RetireTemplate, SetPool, Template, TemplateOnNode};
use wire::node::{BuildTemplate as BuildOrder, Order, RetireTemplate as RetireOrder, TemplateSource};

/// Most clones that are kept ready of one template.
const MOST_READY: i32 = 1000;

impl Control {
    /// Begins to build a template anew, from nothing, with the modules and languages that it has.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Invalid`] on `node`; a conflict when it is being built already.
    pub async fn rebuild_template(
        &self,
        caller: &Caller,
        name: &TemplateName,
        request: &TemplateOnNode,
    ) -> Result<OperationId, ControlError> {
        let source = TemplateSource::Nothing;
        self.make_again(caller, name, request, OperationKind::BuildTemplate, source)
            .await
    }

    /// Begins to warm a template: a copy is visited and takes its place.
    ///
    /// # Errors
    /// As for [`Control::rebuild_template`].
    pub async fn warm_template(
        &self,
        caller: &Caller,
        name: &TemplateName,
        request: &TemplateOnNode,
    ) -> Result<OperationId, ControlError> {
        let source = TemplateSource::Itself;
        self.make_again(caller, name, request, OperationKind::WarmTemplate, source)
            .await
    }

    async fn make_again(
        &self,
        caller: &Caller,
        name: &TemplateName,
        request: &TemplateOnNode,
        kind: OperationKind,
        source: TemplateSource,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::ChangeTemplates)?;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let (template, node) = self.there(caller, name, request.node.as_deref()).await?;
        if template.adopted_from.is_some() && source == TemplateSource::Nothing {
            // What was adopted cannot be built from a list of modules.
            return Err(ControlError::Conflict(ConflictReason::TemplateAdopted));
        }
        let order = BuildOrder {
            name: name.clone(),
            modules: template.modules,
            languages: template.languages,
            source,
        };
        let attempt = self
            .build_afresh(caller, node.id, kind, order, &fingerprint)
            .await;
        self.begun(caller, &fingerprint, attempt).await
    }

    /// Begins to make a template of a copy of a database, without its people. The database stays as it is.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; a conflict when a template of this name is being built.
    pub async fn adopt_template(
        &self,
        caller: &Caller,
        name: &TemplateName,
        request: &AdoptTemplate,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::ChangeTemplates)?;
        let kind = OperationKind::AdoptTemplate;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let mut errors = FieldErrors::default();
        let database: Option<Subdomain> = errors.required("database", request.database.as_deref());
        check_form(&mut errors, database.as_ref());
        let wanted: Option<NodeName> = errors.optional("node", request.node.as_deref());
        let nodes = self.store.on_behalf_of(caller.actor()).nodes().await?;
        let node = errors.keep("node", choose(nodes, wanted.as_ref()));
        let (Some(database), Some(node), true) = (database, node, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        let order = BuildOrder {
            name: name.clone(),
            modules: Vec::new(),
            languages: Vec::new(),
            source: TemplateSource::Database(database.database()),
        };
        let attempt = self
            .build_afresh(caller, node.id, kind, order, &fingerprint)
            .await;
        self.begun(caller, &fingerprint, attempt).await
    }

    /// Begins to drop a template and its ready clones. Tenants that were made of it stay.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `confirm`; [`ControlError::NotFound`]; a conflict when it is being built.
    pub async fn retire_template(
        &self,
        caller: &Caller,
        name: &TemplateName,
        request: &RetireTemplate,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::ChangeTemplates)?;
        let kind = OperationKind::RetireTemplate;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        confirmed(request, name)?;
        let (template, node) = self.there(caller, name, request.node.as_deref()).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let operation = OperationId::from_uuid(self.world.uuid());
        if !unit.occupy_template(template.id, operation).await? {
            return Err(ControlError::Conflict(ConflictReason::BuildUnderWay));
        }
        let new = NewOperation {
            id: operation,
            kind,
            tenant: None,
            subject: name.as_str(),
            intent: serde_json::to_value(Intent::Retired).map_err(ControlError::internal)?,
            node: Some(node.id),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(&fingerprint),
            now: self.world.now(),
        };
        let order = Order::RetireTemplate(RetireOrder { name: name.clone() });
        self.dispatch(&mut unit, caller, new, 0, order).await?;
        unit.commit().await?;
        Ok(operation)
    }

    /// Sets how many clones of a template are kept ready; the node hears of it with its next word.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`].
    pub async fn set_pool(
        &self,
        caller: &Caller,
        name: &TemplateName,
        request: &SetPool,
    ) -> Result<Template, ControlError> {
        caller.require(Action::ChangeTemplates)?;
        if request.size.is_some_and(|size| !(0..=MOST_READY).contains(&size)) {
            let max = i64::from(MOST_READY);
            return Err(ControlError::field("size", Rule::Range { min: 0, max }));
        }
        let (template, node) = self.there(caller, name, request.node.as_deref()).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.set_pool_size(template.id, request.size).await?;
        self.note_change(&mut unit, caller, "template.pool", name.as_str(), request)
            .await?;
        unit.commit().await?;
        let mut all = self.templates(caller).await?;
        all.retain(|one| one.name == name.as_str() && one.node == node.name.as_str());
        all.pop().ok_or(ControlError::NotFound("template"))
    }

    /// Writes a change into the audit trail that no operation stands for.
    async fn note_change(
        &self,
        unit: &mut store::Unit,
        caller: &Caller,
        action: &str,
        subject: &str,
        detail: &impl Serialize,
    ) -> Result<(), ControlError> {
        Ok(unit
            .audit(store::AuditEntry {
                at: self.world.now(),
                action,
                subject,
                operation: None,
                request_id: caller.request_id.as_deref(),
                detail: serde_json::to_value(detail).map_err(ControlError::internal)?,
            })
            .await?)
    }

    /// The template of this name, on the one node that has it or on the one that is named.
    async fn there(
        &self,
        caller: &Caller,
        name: &TemplateName,
        node: Option<&str>,
    ) -> Result<(TemplateRecord, NodeRecord), ControlError> {
        let mut errors = FieldErrors::default();
        let wanted: Option<NodeName> = errors.optional("node", node);
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let scoped = self.store.on_behalf_of(caller.actor());
        let mut templates = scoped.templates().await?;
        templates
            .retain(|known| known.name == *name && wanted.as_ref().is_none_or(|node| known.node == *node));
        if templates.len() > 1 {
            return Err(ControlError::field("node", Rule::Required));
        }
        let template = templates.pop().ok_or(ControlError::NotFound("template"))?;
        let nodes = scoped.nodes().await?;
        let node = nodes.into_iter().find(|node| node.name == template.node);
        Ok((template, node.ok_or(ControlError::NotFound("node"))?))
    }
}

fn confirmed(request: &RetireTemplate, name: &TemplateName) -> Result<(), ControlError> {
    match request.confirm.as_deref() {
        None => Err(ControlError::field("confirm", Rule::Required)),
        Some(confirm) if confirm == name.as_str() => Ok(()),
        Some(_) => Err(ControlError::field("confirm", Rule::Confirmation)),
    }
}
