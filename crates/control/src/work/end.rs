//! How a saga's operation ends, and what an error of a use case means to a step.

use crate::work::backup::Look;
use crate::{Control, ControlError};
use domain::OperationKind;
use operations::{SagaEnd, StepError};
use std::error::Error as _;
use store::Unit;
use wire::backup::Proof;
use wire::operation::Failure;

/// What an operation fails with that somebody called off.
const CALLED_OFF: [&str; 2] = ["cancelled", "abandoned"];

impl From<ControlError> for StepError {
    fn from(error: ControlError) -> Self {
        match error {
            // What is busy or does not answer may do so later.
            ControlError::Conflict(_) | ControlError::Unavailable(_) | ControlError::Internal(_) => {
                let cause = error.source().map(ToString::to_string).unwrap_or_default();
                tracing::debug!(error = &error as &dyn std::error::Error, "a step met an error");
                Self::Retry(format!("{error} {cause}").trim_end().to_owned())
            }
            ControlError::NotFound(what) => {
                Self::failed("gone", format!("There is no such {what} any more."))
            }
            error => Self::failed("refused", error.to_string()),
        }
    }
}

impl Control {
    /// Ends the operation of a saga that is done, or undone. Its steps have changed what they were for.
    pub(crate) async fn end_of_saga(&self, unit: &mut Unit, end: &SagaEnd<'_>) -> Result<(), ControlError> {
        let Some(id) = end.operation else {
            return Ok(());
        };
        let operation = unit
            .operation(id)
            .await?
            .ok_or(ControlError::NotFound("operation"))?;
        // Whoever took a lost node out has ended what was under way on it.
        if operation.state.is_final() {
            return Ok(());
        }
        match end.failure {
            Some(failure) => {
                unit.relocation_undone(id).await?;
                let why = (failure.code.as_str(), failure.detail.as_str());
                unit.backups_failed(id, why, self.world.now()).await?;
                unit.fetch_over(id, self.world.now()).await?;
                if operation.kind == OperationKind::VerifyBackup {
                    let look =
                        serde_json::from_value(end.arguments.clone()).map_err(ControlError::internal)?;
                    self.backup_was_refused(unit, &look, failure).await?;
                }
                self.fail(unit, &operation, failure).await?;
                if operation.kind == OperationKind::DrainNode {
                    self.end_of_undone_drain(unit, &operation, failure).await?;
                }
            }
            None if operation.kind == OperationKind::DrainNode => {
                self.end_of_drain(unit, &operation, end.output).await?;
            }
            None => {
                unit.finish_operation(id, None, self.world.now()).await?;
                unit.record_facts(id, end.output).await?;
                self.audit_end(unit, &operation, "succeeded", end.output.clone())
                    .await?;
            }
        }
        if let Some(parent) = operation.parent {
            self.end_if_complete(unit, parent).await?;
        }
        Ok(())
    }

    /// What looking at a backup found wrong with it stands with the backup; so does that it could not be restored for proof.
    async fn backup_was_refused(
        &self,
        unit: &mut Unit,
        look: &Look,
        failure: &Failure,
    ) -> Result<(), ControlError> {
        let (backup, now) = (look.backup, self.world.now());
        let why = (failure.code.as_str(), failure.detail.as_str());
        let is_its_own = matches!(
            failure.code.as_str(),
            "backup-damaged" | "backup-missing" | "backup-key-wrong" | "check-failed" | "dump-failed"
        );
        if is_its_own {
            unit.backup_proven(backup, Err(why), now).await?;
            // A store that is another one for an hour lacks everything, which says nothing of the others.
            if failure.code == "backup-damaged" {
                self.suspect_neighbours(unit, backup).await?;
            }
        } else if look.proof == Proof::Restore && !CALLED_OFF.contains(&failure.code.as_str()) {
            unit.backup_not_proven(backup, why, now).await?;
        }
        Ok(())
    }
}
