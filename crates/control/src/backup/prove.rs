//! Looking whether a backup is whole: asked for by somebody, or by the clock.

use crate::backup::{BackupObstacle, refuse};
use crate::intent::Intent;
use crate::node::list::AWAY_AFTER;
use crate::work::backup::Look;
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, BackupState, NodeId, OperationId, OperationKind, TenantId};
use jiff::SignedDuration;
use operations::Work;
use store::{Actor, NewOperation, ToProve, Unit};
use wire::backup::Proof;
use wire::backups::VerifyRequest;

/// After everything that somebody waits for, and after backups.
const PRIORITY: i16 = 160;
/// One that was looked at within this long is not looked at again because a neighbour is damaged.
const LATELY: SignedDuration = SignedDuration::from_hours(1);
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
        let proof = match request.restore {
            Some(true) => Proof::Restore,
            _ => Proof::Read,
        };
        let store = self.backup_store_by_id(backup.store).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let node = self.prover_of(&mut unit, (&backup, proof), &store).await?;
        let operation = self
            .look_within(
                &mut unit,
                caller,
                (id, backup.tenant, node),
                (proof, Some(&fingerprint)),
            )
            .await?;
        unit.commit().await?;
        Ok(operation)
    }

    /// Begins to look at a backup; the unit is the caller's to commit.
    async fn look_within(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        (id, of, node): (BackupId, TenantId, NodeId),
        (proof, fingerprint): (Proof, Option<&[u8]>),
    ) -> Result<OperationId, ControlError> {
        let kind = OperationKind::VerifyBackup;
        unit.backup_is_looked_at(id, self.world.now()).await?;
        let subject = id.to_string();
        let new = NewOperation {
            id: OperationId::from_uuid(self.world.uuid()),
            kind,
            tenant: unit.tenant_exists(of).await?.then_some(of),
            subject: &subject,
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            node: Some(node),
            parent: None,
            idempotency_key: fingerprint
                .and(caller.idempotency_key.as_ref())
                .map(|key| key.as_str()),
            request_hash: fingerprint,
            now: self.world.now(),
        };
        let look = Look { backup: id, proof };
        let about = serde_json::to_value(look).map_err(ControlError::internal)?;
        let mut work = Work::new(kind.as_str(), 1, about).one_at_a_time(format!("proofs:{of}"));
        work.priority = PRIORITY;
        self.begin_saga(unit, caller, new, work).await
    }

    /// Begins to read the backups next to one that was found damaged, which may share what is: so it goes on until one is whole.
    pub(crate) async fn suspect_neighbours(&self, unit: &mut Unit, id: BackupId) -> Result<(), ControlError> {
        let caller = Caller::system();
        let since = self.world.now() - LATELY;
        for neighbour in unit.neighbours_of_backup(id, since).await? {
            self.look_within(unit, &caller, neighbour, (Proof::Read, None))
                .await?;
        }
        Ok(())
    }

    /// Begins to prove backups that nobody has proven yet, as far as the budget of a day of each node that is there goes.
    pub(crate) async fn prove_due(&self) -> Result<usize, ControlError> {
        let now = self.world.now();
        let wanted = ToProve {
            now,
            since: now - SignedDuration::from_hours(24),
            most: i64::from(self.live().proofs_a_day),
            seen_since: now - AWAY_AFTER,
            limit: AT_ONCE,
        };
        let scoped = self.store.on_behalf_of(Actor::System);
        let due = scoped.backups_to_prove(&wanted).await?;
        for which in &due {
            let mut unit = scoped.begin().await?;
            self.look_within(&mut unit, &Caller::system(), *which, (Proof::Restore, None))
                .await?;
            unit.commit().await?;
        }
        Ok(due.len())
    }
}
