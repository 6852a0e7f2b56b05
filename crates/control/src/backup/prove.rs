//! Looking whether a backup is whole: asked for by somebody, or by the clock.

use crate::backup::{BackupObstacle, refuse};
use crate::intent::Intent;
use crate::work::backup::Look;
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, BackupState, OperationId, OperationKind};
use jiff::SignedDuration;
use operations::Work;
use store::{Actor, NewOperation};
use wire::backup::Proof;
use wire::backups::VerifyRequest;

/// After everything that somebody waits for, and after backups.
const PRIORITY: i16 = 160;
/// How many proofs one round begins.
const AT_ONCE: i64 = 20;

impl Control {
    /// Begins to look whether a backup is whole.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`crate::ConflictReason::BackupRefused`] for one that was never whole or is forgotten.
    pub async fn verify_backup(
        &self,
        caller: &Caller,
        id: BackupId,
        request: &VerifyRequest,
    ) -> Result<OperationId, ControlError> {
        let backup = self.backup_record(caller, Action::TakeBackup, id).await?;
        if !matches!(backup.state, BackupState::Kept | BackupState::Damaged) {
            return Err(refuse(BackupObstacle::State(backup.state)));
        }
        let kind = OperationKind::VerifyBackup;
        let fingerprint = self.fingerprint(kind.as_str(), &id.to_string(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.tenant_exists(backup.tenant).await?.then_some(backup.tenant);
        let subject = id.to_string();
        let new = NewOperation {
            id: OperationId::from_uuid(self.world.uuid()),
            kind,
            tenant,
            subject: &subject,
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            node: Some(backup.node),
            parent: None,
            idempotency_key: caller.idempotency_key.as_ref().map(|key| key.as_str()),
            request_hash: Some(&fingerprint),
            now: self.world.now(),
        };
        let proof = match request.restore {
            Some(true) => Proof::Restore,
            _ => Proof::Read,
        };
        let about = serde_json::to_value(Look { backup: id, proof }).map_err(ControlError::internal)?;
        let mut work = Work::new(kind.as_str(), 1, about).one_at_a_time(format!("backups:{}", backup.tenant));
        work.priority = PRIORITY;
        let operation = self.begin_saga(&mut unit, caller, new, work).await?;
        unit.commit().await?;
        Ok(operation)
    }

    /// Begins to prove backups that nobody has proven yet, as far as each node's budget of a day goes.
    pub(crate) async fn prove_due(&self) -> Result<usize, ControlError> {
        let most = i64::from(self.live().proofs_a_day);
        let since = self.world.now() - SignedDuration::from_hours(24);
        let scoped = self.store.on_behalf_of(Actor::System);
        let due = scoped.backups_to_prove(since, most, AT_ONCE).await?;
        let request = VerifyRequest { restore: Some(true) };
        let mut begun = 0;
        for id in due {
            match self.verify_backup(&Caller::system(), id, &request).await {
                Ok(_) => begun += 1,
                Err(ControlError::Conflict(_) | ControlError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(begun)
    }
}
