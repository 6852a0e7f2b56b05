//! The common shape of every change to an existing tenant: check, decide, write down, wake the node.

use crate::intent::Intent;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, OperationId, OperationKind, Reach, Subdomain, TenantState};
use serde::Serialize;
use store::{AuditEntry, NewCommand, NewOperation, Signal, TenantRecord, Unit};
use wire::node::Order;

/// What a change means for the node and, once done, for the control database.
pub(crate) struct Planned {
    /// What the node is to do.
    pub order: Order,
    /// What its success changes.
    pub intent: Intent,
}

/// What is asked of a tenant.
pub(crate) struct Request<'a, R: Serialize> {
    /// The tenant.
    pub name: &'a Subdomain,
    /// What is to be done.
    pub kind: OperationKind,
    /// The whole request, for its fingerprint.
    pub body: &'a R,
}

/// Who asks for which kind of operation, and by what the request is recognized when it is repeated.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// What.
    pub kind: OperationKind,
    /// The fingerprint of the whole request; a part of another operation has none of its own.
    pub fingerprint: Option<&'a [u8]>,
    /// The operation on many tenants that this one is a part of.
    pub parent: Option<OperationId>,
}

/// A tenant that was looked up, if it may be done with this one: 404 for one that may not be seen, 403 for one that may.
pub(crate) fn within(reach: &Reach, found: Option<TenantRecord>) -> Result<TenantRecord, ControlError> {
    let tenant = found.ok_or(ControlError::NotFound("tenant"))?;
    if reach.holds(tenant.id, tenant.organization) {
        Ok(tenant)
    } else {
        Err(ControlError::Forbidden)
    }
}

impl Control {
    /// Puts an operation on a tenant. `plan` is asked once the tenant is held and its state allows it.
    pub(crate) async fn order<R: Serialize>(
        &self,
        caller: &Caller,
        request: Request<'_, R>,
        plan: impl FnOnce(&TenantRecord, TenantState) -> Result<Planned, ControlError> + Send,
    ) -> Result<OperationId, ControlError> {
        self.order_as(caller, Action::of(request.kind), request, plan)
            .await
    }

    /// Like [`Control::order`], where another permission than that of the kind decides.
    pub(crate) async fn order_as<R: Serialize>(
        &self,
        caller: &Caller,
        action: Action,
        request: Request<'_, R>,
        plan: impl FnOnce(&TenantRecord, TenantState) -> Result<Planned, ControlError> + Send,
    ) -> Result<OperationId, ControlError> {
        let reach = caller.reach(action)?;
        let fingerprint = self.fingerprint(request.kind.as_str(), request.name.as_str(), request.body)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let asked = Asked {
            caller,
            kind: request.kind,
            fingerprint: Some(&fingerprint),
            parent: None,
        };
        let attempt = self.order_afresh(asked, &reach, request.name, plan).await;
        self.begun(caller, &fingerprint, attempt).await
    }

    async fn order_afresh(
        &self,
        asked: Asked<'_>,
        reach: &Reach,
        name: &Subdomain,
        plan: impl FnOnce(&TenantRecord, TenantState) -> Result<Planned, ControlError> + Send,
    ) -> Result<OperationId, ControlError> {
        let mut unit = self.store.on_behalf_of(asked.caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(reach, &name.database()).await?;
        let tenant = within(reach, tenant)?;
        let operation = self.order_within(&mut unit, asked, &tenant, plan).await?;
        unit.commit().await?;
        Ok(operation)
    }

    /// Puts an operation on a tenant that the unit holds; the unit is the caller's to commit.
    pub(crate) async fn order_within(
        &self,
        unit: &mut Unit,
        asked: Asked<'_>,
        tenant: &TenantRecord,
        plan: impl FnOnce(&TenantRecord, TenantState) -> Result<Planned, ControlError> + Send,
    ) -> Result<OperationId, ControlError> {
        let Asked {
            caller,
            kind,
            fingerprint,
            parent,
        } = asked;
        if let Some(busy) = tenant.operation {
            return Err(ControlError::Conflict(ConflictReason::Busy(Some(busy))));
        }
        let after = tenant.state.after(kind).map_err(|refused| {
            ControlError::Conflict(ConflictReason::State {
                from: refused.from,
                wanted: refused.operation,
            })
        })?;
        self.check_not_lost(unit, tenant, kind).await?;
        let planned = plan(tenant, after)?;
        let operation = OperationId::from_uuid(self.world.uuid());
        let now = self.world.now();
        let generation = unit.occupy_tenant(tenant.id, operation, now).await?;
        if let Intent::Rename { to, .. } = &planned.intent {
            unit.reserve_name(&to.database(), tenant.id).await?;
        }
        let new = NewOperation {
            id: operation,
            kind,
            tenant: Some(tenant.id),
            subject: tenant.subdomain.as_str(),
            intent: serde_json::to_value(&planned.intent).map_err(ControlError::internal)?,
            node: Some(tenant.node_id),
            parent,
            idempotency_key: fingerprint
                .and(caller.idempotency_key.as_ref())
                .map(|key| key.as_str()),
            request_hash: fingerprint,
            now,
        };
        self.dispatch(unit, caller, new, generation, planned.order)
            .await?;
        Ok(operation)
    }

    /// Writes down operation, command and audit entry, and wakes the node when the unit is committed.
    pub(crate) async fn dispatch(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        new: NewOperation<'_>,
        generation: i64,
        order: Order,
    ) -> Result<(), ControlError> {
        let (operation, now) = (new.id, new.now);
        let node = new.node.ok_or(ControlError::NotFound("node"))?;
        unit.audit(AuditEntry {
            at: now,
            action: new.kind.as_str(),
            subject: new.subject,
            operation: Some(operation),
            request_id: caller.request_id.as_deref(),
            detail: new.intent.clone(),
        })
        .await?;
        unit.insert_operation(new).await?;
        let id = domain::CommandId::from_uuid(self.world.uuid());
        let (payload, sealed) = self.seal_order(id, order)?;
        unit.insert_command(NewCommand {
            id,
            node,
            operation,
            generation,
            payload,
            sealed,
            now,
        })
        .await?;
        unit.signal(Signal::Node(node)).await?;
        Ok(())
    }
}
