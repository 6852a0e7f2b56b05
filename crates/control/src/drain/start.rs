//! Beginning to empty a node, by a plan that was shown.

use crate::drain::plan::Prepared;
use crate::drain::{check, refusal};
use crate::intent::Intent;
use crate::node::change::check_reason;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::drift::is_plan_name;
use domain::{Action, FieldErrors, NodeId, NodeMode, NodeName, OperationId, OperationKind, Rule};
use operations::Work;
use serde_json::json;
use store::{NewDrain, NewDrainMove, NewOperation, Unit};
use wire::drain::StartDrain;

/// What the node says where nobody gave a reason.
const REASON: &str = "It is drained.";

impl Control {
    /// Begins to empty a node. It takes no new tenants from this moment; each tenant is moved by an operation of its own, a
    /// part of the one that is given.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::PlanChanged`] when the plan is another one by
    /// now; [`ConflictReason::DrainUnderWay`]; [`ConflictReason::MoveRefused`].
    pub async fn start_drain(
        &self,
        caller: &Caller,
        name: &NodeName,
        request: &StartDrain,
    ) -> Result<OperationId, ControlError> {
        caller.require(Action::DrainNode)?;
        let mut errors = FieldErrors::default();
        let named = request.plan.as_deref().ok_or(Rule::Required);
        let named = named.and_then(|plan| match is_plan_name(plan) {
            true => Ok(plan),
            false => Err(Rule::Identifier { prefix: "plan" }),
        });
        let named = errors.keep("plan", named);
        let reason = request
            .reason
            .as_deref()
            .map_or(Ok(REASON.to_owned()), check_reason);
        let reason = errors.keep("reason", reason);
        let labels = request.node_labels.as_deref();
        let asked = check(
            labels,
            request.pinned,
            request.any_domain,
            request.parallel,
            &mut errors,
        );
        let (Some(named), Some(reason), true) = (named, reason, errors.is_empty()) else {
            return Err(ControlError::fields(errors));
        };
        let kind = OperationKind::DrainNode;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let movers = self.movers().await?;
        let attempt = async {
            let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
            let prepared = self.prepare_drain(&mut unit, name, &asked, &movers).await?;
            let open = unit.newest_drain(prepared.node).await?;
            if let Some(open) = open.filter(|drain| drain.ended_at.is_none()) {
                return Err(ControlError::Conflict(ConflictReason::DrainUnderWay(open.id)));
            }
            if prepared.name != named {
                return Err(ControlError::Conflict(ConflictReason::PlanChanged));
            }
            let operation = OperationId::from_uuid(self.world.uuid());
            self.begin_drain(&mut unit, caller, name, operation, &fingerprint)
                .await?;
            self.write_drain(&mut unit, operation, &prepared, asked.at_once)
                .await?;
            let mut care = prepared.care;
            (care.mode, care.reason) = (NodeMode::Draining, Some(reason));
            (care.by, care.at) = (Some(caller.actor().to_string()), Some(self.world.now()));
            unit.set_node_care(prepared.node, &care).await?;
            unit.commit().await?;
            Ok(operation)
        };
        let attempt = attempt.await;
        self.begun(caller, &fingerprint, attempt).await
    }

    async fn begin_drain(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        name: &NodeName,
        operation: OperationId,
        fingerprint: &[u8],
    ) -> Result<(), ControlError> {
        let kind = OperationKind::DrainNode;
        let new = NewOperation {
            id: operation,
            kind,
            tenant: None,
            subject: name.as_str(),
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            // It concerns several: each move names its own.
            node: None,
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(fingerprint),
            now: self.world.now(),
        };
        let work = Work::new(kind.as_str(), 1, json!({}));
        self.begin_saga(unit, caller, new, work).await?;
        Ok(())
    }

    async fn write_drain(
        &self,
        unit: &mut Unit,
        operation: OperationId,
        prepared: &Prepared,
        at_once: i64,
    ) -> Result<(), ControlError> {
        unit.insert_drain(NewDrain {
            id: operation,
            node: prepared.node,
            plan: &prepared.name,
            at_once: i16::try_from(at_once).unwrap_or(1),
            mode_before: prepared.care.mode,
            now: self.world.now(),
        })
        .await?;
        let place = |name: &NodeName| -> Option<NodeId> {
            let found = prepared.places.iter().find(|place| place.candidate.name == *name);
            found.map(|place| place.id)
        };
        let mut positions = 0..;
        let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        for one in &prepared.plan.go {
            let new = NewDrainMove {
                position: positions.next().unwrap_or(i32::MAX),
                tenant: one.leaving.tenant,
                subdomain: &one.leaving.subdomain,
                to: place(&one.to),
                bytes: size(one.leaving.bytes),
                refusal: None,
            };
            unit.insert_drain_move(operation, new).await?;
        }
        for (one, stay) in &prepared.plan.stay {
            let new = NewDrainMove {
                position: positions.next().unwrap_or(i32::MAX),
                tenant: one.tenant,
                subdomain: &one.subdomain,
                to: None,
                bytes: size(one.bytes),
                refusal: Some(&refusal(stay)),
            };
            unit.insert_drain_move(operation, new).await?;
        }
        Ok(())
    }
}
