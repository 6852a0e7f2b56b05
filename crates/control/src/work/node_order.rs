//! A saga's step has a node do something: the command is written in the step's transaction, and the saga waits for its end.

use crate::{Caller, Control, ControlError};
use domain::{CommandId, NodeId, OperationId};
use operations::{Run, StepError, Work, enqueue};
use store::{AuditEntry, NewCommand, NewOperation, Signal, Unit};
use wire::node::Order;

impl Control {
    /// Writes down a command for a node as the business of this step; the step then ends its turn with
    /// [`operations::Turn::Ordered`]. The saga must do an operation, because a command belongs to one.
    pub(crate) async fn order_node(
        &self,
        unit: &mut Unit,
        run: &Run<Self>,
        node: NodeId,
        generation: i64,
        order: Order,
    ) -> Result<CommandId, StepError> {
        let operation = run
            .operation
            .ok_or_else(|| StepError::failed("no-operation", "The saga does no operation."))?;
        let id = CommandId::from_uuid(self.world.uuid());
        let (payload, sealed) = self.seal_order(id, order)?;
        unit.insert_command(NewCommand {
            id,
            node,
            operation,
            generation,
            payload,
            sealed,
            now: self.world.now(),
        })
        .await?;
        run.orders(unit, id).await?;
        unit.signal(Signal::Node(node)).await?;
        Ok(id)
    }

    /// Writes down an operation that a saga does, with its audit entry, and enqueues the saga; all of it when, and only
    /// when, the unit is committed.
    pub(crate) async fn begin_saga(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        new: NewOperation<'_>,
        work: Work,
    ) -> Result<OperationId, ControlError> {
        let operation = new.id;
        unit.audit(AuditEntry {
            at: new.now,
            action: new.kind.as_str(),
            subject: new.subject,
            operation: Some(operation),
            request_id: caller.request_id.as_deref(),
            detail: new.intent.clone(),
        })
        .await?;
        unit.insert_operation(new).await?;
        enqueue(self, unit, work.for_operation(operation)).await?;
        Ok(operation)
    }
}
