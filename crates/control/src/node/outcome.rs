//! A node tells how a command ended; what the operation was for becomes true in the same transaction.

use crate::intent::{Added, Intent};
use crate::node::enrol::NodeSession;
use crate::{Control, ControlError};
use domain::{CommandId, JobId, OperationId, OperationKind};
use jiff::Timestamp;
use store::{Actor, AuditEntry, OperationRecord, Origin, Signal, Suspension, Unit};
use wire::node::{CommandResult, Facts, Outcome, TemplateSource};
use wire::operation::Failure;

impl Control {
    /// Takes the outcome of a command. Taking it twice changes nothing.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the node never had such a command.
    pub async fn command_outcome(
        &self,
        session: NodeSession,
        id: CommandId,
        outcome: &Outcome,
    ) -> Result<(), ControlError> {
        let mut unit = self.store.on_behalf_of(Actor::Node(session.node)).begin().await?;
        let Some(command) = unit.lock_open_command(session.node, id).await? else {
            let known = unit.command_exists(session.node, id).await?;
            return if known {
                Ok(())
            } else {
                Err(ControlError::NotFound("command"))
            };
        };
        let operation = unit
            .operation(command.operation)
            .await?
            .ok_or(ControlError::NotFound("operation"))?;
        let now = self.world.now();
        unit.finish_command(id, now).await?;
        if let Some(step) = unit.step_of_command(id).await? {
            unit.note_step_parts(step, &outcome.steps).await?;
            self.show_saga(&mut unit, step.job, operation.id).await?;
            unit.answer_step(step, &outcome.result, now).await?;
            return Ok(unit.commit().await?);
        }
        unit.record_steps(operation.id, &outcome.steps).await?;
        match &outcome.result {
            CommandResult::Done(facts) => self.succeed(&mut unit, &operation, facts).await?,
            CommandResult::Failed(failure) => self.fail(&mut unit, &operation, failure).await?,
        }
        unit.signal(Signal::Operation(operation.id)).await?;
        if let Some(parent) = operation.parent {
            self.end_if_complete(&mut unit, parent).await?;
        }
        unit.commit().await?;
        // A support access that ended while the tenant was busy was waiting for this.
        if let Some(tenant) = operation.tenant {
            self.close_support(Some(tenant)).await;
        }
        Ok(())
    }

    async fn succeed(
        &self,
        unit: &mut Unit,
        operation: &OperationRecord,
        facts: &Facts,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        let intent: Intent =
            serde_json::from_value(operation.intent.clone()).map_err(ControlError::internal)?;
        unit.finish_operation(operation.id, None, now).await?;
        let detail = serde_json::to_value(facts).map_err(ControlError::internal)?;
        unit.record_facts(operation.id, &detail).await?;
        self.audit_end(unit, operation, "succeeded", detail).await?;
        let tenant = || operation.tenant.ok_or(ControlError::NotFound("tenant"));
        match intent {
            Intent::Serve { state, .. } | Intent::State { state } | Intent::FirstPassword { state } => {
                unit.settle_tenant(tenant()?, operation.id, state, now).await?;
                if operation.kind == OperationKind::DeleteTenant {
                    self.revoke_support(unit, tenant()?, "the tenant is deleted")
                        .await?;
                }
            }
            Intent::Enter { state, .. } => {
                unit.settle_tenant(tenant()?, operation.id, state, now).await?;
            }
            Intent::SupportClosed { state, access } => {
                unit.settle_tenant(tenant()?, operation.id, state, now).await?;
                unit.support_is_closed(access, now).await?;
            }
            Intent::Rename {
                to,
                state,
                company_name,
                plan,
                expiry,
            } => {
                unit.settle_tenant(tenant()?, operation.id, state, now).await?;
                unit.set_subdomain(tenant()?, &to).await?;
                unit.update_tenant(tenant()?, company_name.as_ref(), plan.as_ref(), now)
                    .await?;
                if let Some(expiry) = expiry {
                    unit.set_expiry(tenant()?, expiry.at(), now).await?;
                }
                unit.release_other_names(tenant()?).await?;
            }
            Intent::Closure {
                state,
                reasons,
                added,
                paused,
            } => {
                unit.settle_tenant(tenant()?, operation.id, state, now).await?;
                unit.keep_suspensions(tenant()?, &reasons).await?;
                if let Some(added) = added {
                    if let Some(end) = added.end {
                        unit.keep_expiry(tenant()?, end).await?;
                    }
                    unit.set_suspension(tenant()?, &suspension(operation, added, now))
                        .await?;
                }
                let by = paused.then_some(operation.requested_by.as_str());
                unit.set_pause(tenant()?, by, now).await?;
            }
            Intent::Email { state, email } => {
                unit.settle_tenant(tenant()?, operation.id, state, now).await?;
                unit.set_admin_email(tenant()?, &email).await?;
            }
            // No command of theirs is the operation's own, so that no node tells of their end.
            Intent::Parts | Intent::Saga => {}
            Intent::Upkeep { .. } | Intent::ConnectionEnded { .. } => {}
            Intent::CopyDropped { relocation } => unit.copy_dropped(relocation, Some(now)).await?,
            Intent::Forget => unit.remove_tenant(tenant()?, operation.id).await?,
            Intent::Retired => unit.retire_template(operation.id).await?,
            Intent::Template { source } => {
                let origin = match &source {
                    TemplateSource::Nothing => Origin::Nothing,
                    TemplateSource::Itself => Origin::Itself,
                    TemplateSource::Database(name) => Origin::Database(name.as_str()),
                };
                unit.finish_template_build(operation.id, facts, origin, now)
                    .await?;
            }
        }
        Ok(())
    }

    /// What an operation was for did not come to be.
    pub(crate) async fn fail(
        &self,
        unit: &mut Unit,
        operation: &OperationRecord,
        failure: &Failure,
    ) -> Result<(), ControlError> {
        let now = self.world.now();
        unit.finish_operation(operation.id, Some(failure), now).await?;
        let detail = serde_json::to_value(failure).map_err(ControlError::internal)?;
        self.audit_end(unit, operation, "failed", detail).await?;
        if operation.kind.makes_template() || operation.kind == OperationKind::RetireTemplate {
            return Ok(unit.fail_template_build(operation.id).await?);
        }
        if operation.kind == OperationKind::ConfirmMove {
            let intent = serde_json::from_value(operation.intent.clone()).map_err(ControlError::internal)?;
            if let Intent::CopyDropped { relocation } = intent {
                unit.copy_dropped(relocation, None).await?;
            }
            return Ok(());
        }
        if operation.kind.holds_no_tenant() {
            return Ok(());
        }
        // A saga on several tenants, or on none, holds none of them.
        let Some(tenant) = operation.tenant else {
            return Ok(());
        };
        if operation.kind.makes_tenant() {
            return Ok(unit.remove_tenant(tenant, operation.id).await?);
        }
        let intent: Intent =
            serde_json::from_value(operation.intent.clone()).map_err(ControlError::internal)?;
        if matches!(intent, Intent::FirstPassword { .. }) {
            unit.renew_set_password_link(tenant).await?;
        }
        let state = unit.tenant_state(tenant).await?;
        unit.settle_tenant(tenant, operation.id, state, now).await?;
        Ok(unit.release_other_names(tenant).await?)
    }

    /// Shows the steps of a saga in its operation.
    pub(crate) async fn show_saga(
        &self,
        unit: &mut Unit,
        saga: JobId,
        operation: OperationId,
    ) -> Result<(), ControlError> {
        let steps = operations::shown_steps(&unit.saga_steps(saga).await?);
        Ok(unit
            .show_operation_under_way(operation, &steps, self.world.now())
            .await?)
    }

    pub(crate) async fn audit_end(
        &self,
        unit: &mut Unit,
        operation: &OperationRecord,
        how: &str,
        detail: serde_json::Value,
    ) -> Result<(), ControlError> {
        let action = format!("{}.{how}", operation.kind);
        let (at, subject) = (self.world.now(), operation.subject.as_str());
        Ok(unit
            .audit(AuditEntry {
                at,
                action: &action,
                subject,
                operation: Some(operation.id),
                request_id: None,
                detail,
            })
            .await?)
    }
}

fn suspension(operation: &OperationRecord, added: Added, now: Timestamp) -> Suspension {
    Suspension {
        reason: added.reason,
        form: added.form,
        note: added.note,
        since: now,
        by: operation.requested_by.clone(),
        operation: Some(operation.id.uuid()),
    }
}
