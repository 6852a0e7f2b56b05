//! Holding a backup, and forgetting it before its time.

use crate::backup::list::view;
use crate::backup::{BackupObstacle, refuse};
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, BackupState, Rule};
use store::AuditEntry;
use wire::backups::{BackupView, HoldBackup};

impl Control {
    /// Says whether a backup stays, whatever its store's rules say.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`crate::ConflictReason::BackupRefused`] for one that is not whole.
    pub async fn hold_backup(
        &self,
        caller: &Caller,
        id: BackupId,
        request: &HoldBackup,
    ) -> Result<BackupView, ControlError> {
        let backup = self.backup_record(caller, Action::HoldBackup, id).await?;
        let held = request
            .held
            .ok_or_else(|| ControlError::field("held", Rule::Required))?;
        if backup.state != BackupState::Kept {
            return Err(refuse(BackupObstacle::State(backup.state)));
        }
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.hold_backup(id, Some(held), None).await?;
        self.note_backup(
            &mut unit,
            caller,
            "backup.hold",
            id,
            serde_json::json!({ "held": held }),
        )
        .await?;
        unit.commit().await?;
        Ok(view(self.backup_record(caller, Action::ReadBackups, id).await?))
    }

    /// Forgets a backup. Nothing can be restored from it at once; its bytes go when the store is next cleared.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] when `confirm` is not its tenant's name; [`ControlError::NotFound`];
    /// [`crate::ConflictReason::BackupRefused`] for one that is being taken or forgotten already.
    pub async fn forget_backup(
        &self,
        caller: &Caller,
        id: BackupId,
        confirm: Option<&str>,
    ) -> Result<BackupView, ControlError> {
        let backup = self.backup_record(caller, Action::ForgetBackup, id).await?;
        if !matches!(backup.state, BackupState::Kept | BackupState::Damaged) {
            return Err(refuse(BackupObstacle::State(backup.state)));
        }
        if confirm != Some(backup.subdomain.as_str()) {
            return Err(ControlError::field("confirm", Rule::Confirmation));
        }
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.forget_backups(&[id], self.world.now()).await?;
        let detail = serde_json::json!({ "subdomain": backup.subdomain, "store": backup.store_name });
        self.note_backup(&mut unit, caller, "backup.forget", id, detail)
            .await?;
        unit.commit().await?;
        // Begun now rather than with the next round; that one would do as well.
        if let Err(error) = self.prune_tenant(backup.tenant).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "not pruned at once");
        }
        Ok(view(self.backup_record(caller, Action::ReadBackups, id).await?))
    }

    pub(crate) async fn note_backup(
        &self,
        unit: &mut store::Unit,
        caller: &Caller,
        action: &'static str,
        id: BackupId,
        detail: serde_json::Value,
    ) -> Result<(), ControlError> {
        let subject = id.to_string();
        Ok(unit
            .audit(AuditEntry {
                at: self.world.now(),
                action,
                subject: &subject,
                operation: None,
                request_id: caller.request_id.as_deref(),
                detail,
            })
            .await?)
    }
}
