//! Taking a backup of a tenant.

use crate::backup::is_folder;
use crate::intent::Intent;
use crate::tenant::order::within;
use crate::work::backup::Keep;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, BackupId, BackupKind, OperationId, OperationKind, Rule, Subdomain, TenantState};
use operations::Work;
use store::{BackupStoreRecord, NewBackup, NewOperation, TenantRecord, Unit};
use wire::backups::TakeBackup;

/// After everything that somebody waits for.
const PRIORITY: i16 = 150;

impl Control {
    /// Begins to take a backup of a tenant, in use or closed. While one is taken into a store another may wait, which holds a later
    /// moment; a third would hold the same as the second.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; [`ConflictReason::State`] for a tenant that is deleted or being made;
    /// [`ConflictReason::BackupWaits`]; [`ConflictReason::BackupRefused`].
    pub async fn take_backup(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &TakeBackup,
    ) -> Result<OperationId, ControlError> {
        let reach = caller.reach(Action::TakeBackup)?;
        let kind = OperationKind::BackUpTenant;
        let fingerprint = self.fingerprint(kind.as_str(), name.as_str(), request)?;
        if let Some(known) = self.replay(caller, &fingerprint).await? {
            return Ok(known);
        }
        let store = self.store_to_use(request.store.as_deref()).await?;
        let attempt = async {
            let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
            let tenant = unit.lock_tenant(&reach, &name.database()).await?;
            let tenant = within(&reach, tenant)?;
            if let Some(waits) = self.waiting_backup(&mut unit, &tenant, &store).await? {
                return Err(ControlError::Conflict(ConflictReason::BackupWaits(waits)));
            }
            let kind = BackupKind::Manual;
            let operation = self
                .take_within(&mut unit, caller, &tenant, &store, (kind, Some(&fingerprint)))
                .await?;
            unit.commit().await?;
            Ok(operation)
        };
        let attempt = attempt.await;
        self.begun(caller, &fingerprint, attempt).await
    }

    /// The backup of a tenant that somebody asked for and that waits for another one, if one does.
    pub(crate) async fn waiting_backup(
        &self,
        unit: &mut Unit,
        tenant: &TenantRecord,
        store: &BackupStoreRecord,
    ) -> Result<Option<OperationId>, ControlError> {
        let under_way = unit.manual_backups_under_way(tenant.id, store.id).await?;
        Ok(match under_way.as_slice() {
            [.., _, newest] => Some(*newest),
            _ => None,
        })
    }

    /// The store that was named, or the first that backups are taken into by the clock.
    pub(crate) async fn store_to_use(&self, name: Option<&str>) -> Result<BackupStoreRecord, ControlError> {
        let stores = self
            .store
            .on_behalf_of(store::Actor::System)
            .backup_stores()
            .await?;
        match name {
            Some(name) => stores
                .into_iter()
                .find(|store| store.name == name)
                .ok_or_else(|| ControlError::field("store", Rule::Unknown)),
            None => stores
                .into_iter()
                .find(|store| store.is_scheduled)
                .ok_or(ControlError::Conflict(ConflictReason::NoBackupStore)),
        }
    }

    /// Begins to take a backup of a tenant that the unit holds; the unit is the caller's to commit.
    pub(crate) async fn take_within(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        tenant: &TenantRecord,
        store: &BackupStoreRecord,
        (why, fingerprint): (BackupKind, Option<&[u8]>),
    ) -> Result<OperationId, ControlError> {
        let kind = OperationKind::BackUpTenant;
        let is_there = match tenant.state {
            TenantState::Active | TenantState::Paused | TenantState::Suspended | TenantState::Cancelled => {
                true
            }
            TenantState::Deleted => why == BackupKind::Final,
            _ => false,
        };
        if !is_there {
            return Err(ControlError::Conflict(ConflictReason::State {
                from: tenant.state,
                wanted: kind,
            }));
        }
        self.check_backs_up(tenant.node_id, &tenant.node).await?;
        let operation = OperationId::from_uuid(self.world.uuid());
        let new = NewOperation {
            id: operation,
            kind,
            tenant: Some(tenant.id),
            subject: tenant.subdomain.as_str(),
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            node: Some(tenant.node_id),
            parent: None,
            idempotency_key: fingerprint
                .and(caller.idempotency_key.as_ref())
                .map(|key| key.as_str()),
            request_hash: fingerprint,
            now: self.world.now(),
        };
        let keep = self
            .begin_backup(unit, caller, tenant, store, (why, operation))
            .await?;
        let about = serde_json::to_value(keep).map_err(ControlError::internal)?;
        let mut work = Work::new(kind.as_str(), 1, about).one_at_a_time(format!("backups:{}", tenant.id));
        work.priority = PRIORITY;
        self.begin_saga(unit, caller, new, work).await
    }

    /// Writes a backup down that is about to be taken by this operation.
    pub(crate) async fn begin_backup(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        tenant: &TenantRecord,
        store: &BackupStoreRecord,
        (why, operation): (BackupKind, OperationId),
    ) -> Result<Keep, ControlError> {
        let id = BackupId::from_uuid(self.world.uuid());
        let by = caller.actor().to_string();
        unit.begin_backup(&NewBackup {
            id,
            tenant: tenant.id,
            organization: tenant.organization,
            subdomain: &tenant.subdomain,
            store: store.id,
            node: tenant.node_id,
            kind: why,
            asked_by: &by,
            operation,
            now: self.world.now(),
        })
        .await?;
        let on = is_folder(store).then_some(tenant.node_id);
        Ok(Keep {
            tenant: tenant.id,
            backup: id,
            base: unit.newest_backup(tenant.id, store.id, on).await?,
            store: store.id,
            why,
            by,
        })
    }
}
