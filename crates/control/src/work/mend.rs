//! Mending a tenant: its node looks at it, and serves it as the control plane says. What `drift apply` does for each tenant.

use crate::intent::Intent;
use crate::tenant::check;
use crate::tenant::closure::Closure;
use crate::tenant::order::Planned;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{OperationId, OperationKind, TenantId, TenantState};
use operations::{Run, Saga, Step, StepError, Turn, Work};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{NewOperation, TenantRecord, Unit};
use wire::node::{Facts, Order};

/// What a mending is about.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct About {
    tenant: TenantId,
}

/// The list of steps. None of them is undone by us: each sets what should be anyway, and a node that fails undoes itself.
pub(crate) fn saga() -> Saga<Control> {
    Saga::new(OperationKind::MendTenant.as_str(), 1)
        .step("check", Check)
        .step("serve", Serve)
        .step("settle", Settle)
}

/// The tenant, held; and the generation of the next command.
async fn held(run: &Run<Control>) -> Result<(Unit, TenantRecord), StepError> {
    let about: About = run.arguments()?;
    let mut unit = run.begin().await?;
    let reach = Caller::system().reach(domain::Action::CheckTenant)?;
    let tenant = unit.lock_tenant_by_id(&reach, about.tenant).await?;
    let tenant = tenant.ok_or(ControlError::NotFound("tenant"))?;
    Ok((unit, tenant))
}

async fn order(
    run: &Run<Control>,
    mut unit: Unit,
    tenant: &TenantRecord,
    order: Order,
) -> Result<Turn, StepError> {
    let generation = unit.next_generation(tenant.id).await?;
    run.host
        .order_node(&mut unit, run, tenant.node_id, generation, order)
        .await?;
    Ok(Turn::Ordered(unit))
}

/// Nothing is to be undone.
#[expect(clippy::unnecessary_wraps, reason = "it is the whole of an undo")]
fn nothing() -> Result<Turn, StepError> {
    Ok(Turn::Done(Value::Null))
}

/// The node looks at database, files and marker, and mends what it can.
struct Check;

impl Step<Control> for Check {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let (unit, tenant) = held(run).await?;
        let planned = check::planned(&tenant, tenant.state, true);
        order(run, unit, &tenant, planned.order).await
    }

    async fn answered(&self, _run: &Run<Control>, facts: Facts) -> Result<Turn, StepError> {
        Ok(Turn::Done(serde_json::to_value(facts.check).unwrap_or_default()))
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// The node opens or closes it, as the control plane believes that it is.
struct Serve;

impl Step<Control> for Serve {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let (unit, tenant) = held(run).await?;
        let Planned { order: served, .. } = Closure::of(&tenant).planned(&tenant);
        order(run, unit, &tenant, served).await
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

/// The tenant is free for other operations.
struct Settle;

impl Step<Control> for Settle {
    async fn apply(&self, run: &Run<Control>) -> Result<Turn, StepError> {
        let (mut unit, tenant) = held(run).await?;
        let operation = run.operation.ok_or(ControlError::NotFound("operation"))?;
        unit.settle_tenant(tenant.id, operation, tenant.state, run.host.world.now())
            .await?;
        let found: Value = run.output("check")?;
        Ok(Turn::Within(unit, serde_json::json!({ "check": found })))
    }

    async fn undo(&self, _run: &Run<Control>) -> Result<Turn, StepError> {
        nothing()
    }
}

impl Control {
    /// Begins to mend a tenant that the unit holds.
    pub(crate) async fn mend_within(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        tenant: &TenantRecord,
        parent: Option<OperationId>,
    ) -> Result<OperationId, ControlError> {
        if let Some(busy) = tenant.operation {
            return Err(ControlError::Conflict(ConflictReason::Busy(Some(busy))));
        }
        let kind = OperationKind::MendTenant;
        let _: TenantState = tenant.state.after(kind).map_err(|refused| {
            ControlError::Conflict(ConflictReason::State {
                from: refused.from,
                wanted: refused.operation,
            })
        })?;
        let operation = OperationId::from_uuid(self.world.uuid());
        let now = self.world.now();
        unit.occupy_tenant(tenant.id, operation, now).await?;
        let new = NewOperation {
            id: operation,
            kind,
            tenant: Some(tenant.id),
            subject: tenant.subdomain.as_str(),
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            node: Some(tenant.node_id),
            parent,
            idempotency_key: None,
            request_hash: None,
            now,
        };
        let about = serde_json::to_value(About { tenant: tenant.id }).map_err(ControlError::internal)?;
        let work = Work::new(kind.as_str(), 1, about).one_at_a_time(tenant.id.to_string());
        self.begin_saga(unit, caller, new, work).await
    }
}
