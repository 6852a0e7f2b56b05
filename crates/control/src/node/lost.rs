//! Nodes that have not been heard of for long. Nothing is decided about their tenants that could make two of them.

use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, NodeId, NodeName, OperationKind, Rule};
use jiff::{SignedDuration, Timestamp};
use store::{AuditEntry, Signal, TenantRecord, Unit};
use wire::operation::Failure;

/// The failure of what was under way on a node that was given up.
const REMOVED: &str = "node-removed";

/// How somebody who gives a lost node up shows that they know what they do.
#[derive(Clone, Debug, Default)]
pub struct GivenUp {
    /// The node's name, again.
    pub confirm: Option<String>,
    /// The subdomains of all tenants that go with it, tombstones among them.
    pub tenants: Vec<String>,
}

impl Control {
    /// Whether a node that was last heard of then is lost.
    pub(crate) fn is_lost(&self, heard: Timestamp) -> bool {
        let patience = SignedDuration::from_mins(i64::from(self.live().lost_minutes));
        heard + patience <= self.world.now()
    }

    /// Refuses what would move or end a tenant while nobody knows what its node does.
    pub(crate) async fn check_not_lost(
        &self,
        unit: &mut Unit,
        tenant: &TenantRecord,
        kind: OperationKind,
    ) -> Result<(), ControlError> {
        let decides = matches!(
            kind,
            OperationKind::DeleteTenant | OperationKind::RenameTenant | OperationKind::PurgeTenant
        );
        if decides && self.is_lost(unit.node_heard_at(tenant.node_id).await?) {
            return Err(ControlError::Conflict(ConflictReason::NodeLost(
                tenant.node.clone(),
            )));
        }
        Ok(())
    }

    /// Takes a lost node out with everything on it. Should it come back, it is told to close all of it.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] when the name or the tenants are not repeated; [`ControlError::NotFound`];
    /// [`ConflictReason::NodeNotLost`].
    pub async fn give_up_node(
        &self,
        caller: &Caller,
        name: &NodeName,
        given_up: &GivenUp,
    ) -> Result<(), ControlError> {
        caller.require(Action::RemoveNode)?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let node = unit.lock_node(name).await?;
        let (id, _) = node.ok_or(ControlError::NotFound("node"))?;
        if !self.is_lost(unit.node_heard_at(id).await?) {
            return Err(ControlError::Conflict(ConflictReason::NodeNotLost));
        }
        let tenants = unit.lock_tenants_of(id).await?;
        let tenants: Vec<String> = tenants.iter().map(ToString::to_string).collect();
        given_up.check(name, &tenants)?;
        self.end_operations_of(&mut unit, id, name, now).await?;
        self.remove_with_backups(&mut unit, id, name, now).await?;
        unit.audit(AuditEntry {
            at: now,
            action: "node.give_up",
            subject: name.as_str(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({ "tenants": tenants }),
        })
        .await?;
        Ok(unit.commit().await?)
    }

    /// Takes a node out, and with it what backups lay in its folder.
    pub(super) async fn remove_with_backups(
        &self,
        unit: &mut Unit,
        id: NodeId,
        name: &NodeName,
        now: Timestamp,
    ) -> Result<(), ControlError> {
        let why = format!("Node {name} has been taken out, and with it what lay in its folder.");
        unit.forget_backups_of_node(id, (REMOVED, &why), now).await?;
        Ok(unit.remove_node(id, now).await?)
    }

    async fn end_operations_of(
        &self,
        unit: &mut Unit,
        id: NodeId,
        name: &NodeName,
        now: Timestamp,
    ) -> Result<(), ControlError> {
        let failure = Failure {
            code: REMOVED.to_owned(),
            detail: format!("Node {name} was lost and has been taken out with all that was on it."),
        };
        for operation in unit.forget_tenants_of(id, now).await? {
            unit.finish_operation(operation, Some(&failure), now).await?;
            unit.signal(Signal::Operation(operation)).await?;
            let ended = unit.operation(operation).await?;
            if let Some(parent) = ended.and_then(|ended| ended.parent) {
                self.end_if_complete(unit, parent).await?;
            }
        }
        Ok(())
    }
}

impl GivenUp {
    fn check(&self, name: &NodeName, tenants: &[String]) -> Result<(), ControlError> {
        let mut errors = FieldErrors::default();
        match self.confirm.as_deref() {
            Some(confirm) if confirm == name.as_str() => {}
            Some(_) => errors.push("confirm", Rule::Confirmation),
            None => errors.push("confirm", Rule::Required),
        }
        let mut named = self.tenants.clone();
        named.sort();
        let mut wanted = tenants.to_vec();
        wanted.sort();
        if named != wanted {
            errors.push("tenants", Rule::Confirmation);
        }
        if errors.is_empty() {
            return Ok(());
        }
        Err(ControlError::fields(errors))
    }
}
