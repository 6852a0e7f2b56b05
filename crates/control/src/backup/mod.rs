//! Backups of tenants: taken, proven, restored and forgotten. The node does the work; what is decided here is which, when and where,
//! and whose key opens it.
//!
//! A backup goes beside everything else that is done with its tenant: it occupies nothing, and closing a tenant does not wait for it.

mod archive;
mod asker;
mod forget;
mod health;
mod keys;
mod list;
mod prove;
mod prune;
pub(crate) mod restore;
mod rewind;
mod rhythm;
mod schedule;
mod stores;
mod take;

pub use list::BackupQuery;

pub(crate) use list::moment;

pub(crate) use keys::{key_sealed_for, store_sealed_for};
pub(crate) use rhythm::{said, told_schedule};

use crate::node::list::AWAY_AFTER;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, BackupId, BackupState, NodeId};
use store::{BackupFilter, BackupRecord, BackupStoreRecord, Unit};
use uuid::Uuid;
use wire::backup::{Proof, StoreAccess};

/// Why a backup does not serve for what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupObstacle {
    /// It is not whole: it is being taken, failed, was found damaged or is forgotten.
    State(BackupState),
    /// It lies in a folder of another node.
    Elsewhere(domain::NodeName),
    /// The node's agent is older than backups.
    OldAgent(domain::NodeName),
    /// The node keeps no archive of its cluster's log.
    NoArchive(domain::NodeName),
    /// The moment is not within this window; without one, nothing can be reached yet.
    OutOfReach(Option<(jiff::Timestamp, jiff::Timestamp)>),
}

pub(crate) fn refuse(obstacle: BackupObstacle) -> ControlError {
    ControlError::Conflict(ConflictReason::BackupRefused(obstacle))
}

/// The orders by which backups are made and used.
const ORDERS: [&str; 4] = [
    "back-up-tenant",
    "verify-backup",
    "restore-tenant",
    "prune-backups",
];

impl Control {
    /// The backup, if the caller may see it and do this with it.
    pub(crate) async fn backup_record(
        &self,
        caller: &Caller,
        action: Action,
        id: BackupId,
    ) -> Result<BackupRecord, ControlError> {
        let reach = caller.reach(action)?;
        let filter = BackupFilter {
            id: Some(id),
            limit: 1,
            ..BackupFilter::default()
        };
        let found = self
            .store
            .on_behalf_of(caller.actor())
            .backups(&reach, &filter)
            .await?;
        let found = found.into_iter().next().ok_or(ControlError::NotFound("backup"))?;
        match reach.holds(found.tenant, found.organization) {
            true => Ok(found),
            false => Err(ControlError::Forbidden),
        }
    }

    /// The store of this identity.
    pub(crate) async fn backup_store_by_id(&self, id: Uuid) -> Result<BackupStoreRecord, ControlError> {
        let stores = self
            .store
            .on_behalf_of(store::Actor::System)
            .backup_stores()
            .await?;
        let found = stores.into_iter().find(|store| store.id == id);
        found.ok_or(ControlError::NotFound("store"))
    }

    /// The node that reads a backup: of a folder the one that it is on, of a bucket any that is there.
    pub(crate) async fn reader_of(
        &self,
        unit: &mut Unit,
        backup: &BackupRecord,
        store: &BackupStoreRecord,
    ) -> Result<NodeId, ControlError> {
        if is_folder(store) {
            return Ok(backup.node);
        }
        let seen_since = self.world.now() - AWAY_AFTER;
        let found = unit
            .node_for_bucket(backup.tenant, backup.node, seen_since)
            .await?;
        Ok(found.unwrap_or(backup.node))
    }

    /// The node on which a backup is looked at. To be restored for proof it goes to its tenant's own: others may lack what its Odoo
    /// needs, which would be held against the backup.
    pub(crate) async fn prover_of(
        &self,
        unit: &mut Unit,
        (backup, proof): (&BackupRecord, Proof),
        store: &BackupStoreRecord,
    ) -> Result<NodeId, ControlError> {
        if proof == Proof::Restore && !is_folder(store) {
            let reach = Caller::system().reach(Action::TakeBackup)?;
            if let Some(tenant) = unit.lock_tenant_by_id(&reach, backup.tenant).await? {
                return Ok(tenant.node_id);
            }
        }
        self.reader_of(unit, backup, store).await
    }

    /// Whether the node's agent knows of backups.
    pub(crate) async fn check_backs_up(
        &self,
        node: NodeId,
        name: &domain::NodeName,
    ) -> Result<(), ControlError> {
        let known = self.known_orders(node).await?;
        match ORDERS.iter().all(|order| known.contains(*order)) {
            true => Ok(()),
            false => Err(refuse(BackupObstacle::OldAgent(name.clone()))),
        }
    }
}

/// What is in a folder is on the node that took it, and on no other.
pub(crate) fn is_folder(store: &BackupStoreRecord) -> bool {
    store.access == StoreAccess::Folder
}
