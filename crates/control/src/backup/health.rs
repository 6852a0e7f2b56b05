//! Whether every tenant has a fresh backup: what the first page warns of.

use crate::{Caller, Control, ControlError};
use domain::Action;
use jiff::SignedDuration;
use store::{Actor, BackupSum};
use wire::backups::{BackupHealth, IncompleteBackup, UnguardedTenant, UnprovenBackup};

/// A proof counts as of the last night for so long.
const NIGHT: SignedDuration = SignedDuration::from_hours(24);
/// How many tenants are told by name.
const TOLD: i64 = 100;

impl Control {
    /// How backups stand in all, and which tenants have no fresh one.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for whoever does not see every tenant.
    pub async fn backup_health(&self, caller: &Caller) -> Result<BackupHealth, ControlError> {
        caller.require(Action::ReadBackupStores)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let archives = self.broken_archives().await?;
        let (sum, unguarded, incomplete, unproven, stores) = tokio::try_join!(
            self.backup_sum(),
            scoped.unguarded(self.fresh_rule(), TOLD),
            scoped.incomplete_backups(self.world.now(), TOLD),
            scoped.unproven(TOLD),
            scoped.backup_stores(),
        )?;
        let is_asked = self.live().backup_hours > 0 || sum.asked > 0;
        let by_clock = is_asked && stores.iter().any(|store| store.is_scheduled);
        Ok(BackupHealth {
            by_clock,
            fresh_hours: self.late().as_hours(),
            tenants: sum.tenants,
            unguarded: sum.unguarded,
            left_out: sum.left_out,
            backups: sum.kept,
            bytes: sum.bytes,
            damaged: sum.damaged,
            proven: sum.proven,
            without: unguarded
                .into_iter()
                .map(|one| UnguardedTenant {
                    subdomain: one.subdomain,
                    store: one.store,
                    last_at: one.kept_at,
                    failure: one.failure,
                    failure_code: one.failure_code,
                })
                .collect(),
            incomplete: incomplete
                .into_iter()
                .map(|one| IncompleteBackup {
                    subdomain: one.subdomain,
                    backup: one.backup.to_string(),
                    files_missing: one.missing,
                    better_at: one.better_at,
                })
                .collect(),
            unproven: unproven
                .into_iter()
                .map(|one| UnprovenBackup {
                    subdomain: one.subdomain,
                    backup: one.backup.to_string(),
                    failed_at: one.failed_at,
                    failure: one.failure,
                    failure_code: one.failure_code,
                })
                .collect(),
            archives,
        })
    }

    pub(crate) async fn backup_sum(&self) -> Result<BackupSum, store::StoreError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        scoped
            .backup_sum(self.fresh_rule(), self.world.now() - NIGHT)
            .await
    }
}
