//! Stopping what looks after a database.

use crate::database::ask::Asked;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::Subdomain;
use std::time::Duration;
use store::{Actor, AuditEntry, OperationRecord};
use wire::database::{About, Reply};

/// How long it is waited until what was told to stop has stopped.
const PATIENCE: Duration = Duration::from_secs(5);

impl Control {
    /// Has the node stop it; it ends as failed a moment later, and what was done stays.
    ///
    /// # Errors
    /// [`ConflictReason::OperationBegun`] when it has ended; as for any question to a node.
    pub(crate) async fn stop_upkeep(
        &self,
        caller: &Caller,
        operation: &OperationRecord,
        reason: &str,
    ) -> Result<OperationRecord, ControlError> {
        let begun = || ControlError::Conflict(ConflictReason::OperationBegun);
        let scoped = self.store.on_behalf_of(Actor::System);
        let command = scoped.command_under_way(operation.id).await?.ok_or_else(begun)?;
        let tenant = operation.tenant.ok_or_else(begun)?;
        let name = operation.node.clone().ok_or_else(begun)?;
        let nodes = scoped.nodes().await?;
        let node = nodes
            .into_iter()
            .find(|node| node.name == name)
            .ok_or_else(begun)?;
        let database: Subdomain = operation.subject.parse().map_err(|_| begun())?;
        let asked = Asked {
            node: node.id,
            node_name: &node.name,
            tenant,
            database: database.database(),
            about: About::Stop { command },
        };
        match self.ask_node(asked).await? {
            Reply::Stopped(stopped) if stopped.found => {}
            _ => return Err(begun()),
        }
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.audit(AuditEntry {
            at: self.world.now(),
            action: "operation.cancel",
            subject: &operation.subject,
            operation: Some(operation.id),
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({ "reason": reason }),
        })
        .await?;
        unit.commit().await?;
        self.wait(caller, operation.id, PATIENCE).await
    }
}
