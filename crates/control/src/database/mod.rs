//! A tenant's database: how much it holds, what is seen in it now, and looking after it. The node does the looking and the work.

mod ask;
mod look;
mod maintain;
mod size;
mod stop;
mod terminate;

use crate::intent::Intent;
use crate::{Caller, Control, ControlError};
use domain::{OperationId, OperationKind};
use store::{NewOperation, TenantRecord, Unit};
use wire::node::Order;

impl Control {
    /// Writes an operation down that goes beside everything else done with the tenant, and its order with it.
    async fn begin_beside(
        &self,
        mut unit: Unit,
        caller: &Caller,
        tenant: &TenantRecord,
        (kind, intent, order): (OperationKind, Intent, Order),
        fingerprint: &[u8],
    ) -> Result<OperationId, ControlError> {
        let operation = OperationId::from_uuid(self.world.uuid());
        let new = NewOperation {
            id: operation,
            kind,
            tenant: Some(tenant.id),
            subject: tenant.subdomain.as_str(),
            intent: serde_json::to_value(intent).map_err(ControlError::internal)?,
            node: Some(tenant.node_id),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now: self.world.now(),
        };
        self.dispatch(&mut unit, caller, new, tenant.generation, order)
            .await?;
        unit.commit().await?;
        Ok(operation)
    }
}
