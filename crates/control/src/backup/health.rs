//! Whether every tenant has a fresh backup: what the first page warns of.

use crate::{Caller, Control, ControlError};
use domain::Action;
use domain::backup::Rhythm;
use jiff::SignedDuration;
use store::{Actor, BackupSum};
use wire::backups::{BackupHealth, UnguardedTenant};

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
        let (sum, unguarded, stores) = tokio::try_join!(
            self.backup_sum(),
            scoped.unguarded(self.world.now() - self.late(), TOLD),
            scoped.backup_stores(),
        )?;
        let by_clock = self.live().backup_hours > 0 && stores.iter().any(|store| store.is_scheduled);
        Ok(BackupHealth {
            by_clock,
            fresh_hours: self.late().as_hours(),
            tenants: sum.tenants,
            unguarded: sum.unguarded,
            backups: sum.kept,
            bytes: sum.bytes,
            damaged: sum.damaged,
            proven: sum.proven,
            without: unguarded
                .into_iter()
                .map(|one| UnguardedTenant {
                    subdomain: one.subdomain,
                    last_at: one.kept_at,
                    failure: one.failure,
                    failure_code: one.failure_code,
                })
                .collect(),
            archives,
        })
    }

    pub(crate) async fn backup_sum(&self) -> Result<BackupSum, store::StoreError> {
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(Actor::System);
        scoped.backup_sum(now - self.late(), now - NIGHT).await
    }

    /// When backups are taken by the clock; never where the period is nothing.
    pub(crate) fn rhythm(&self) -> Rhythm {
        let live = self.live();
        Rhythm {
            period: i64::from(live.backup_hours) * 3600,
            opens: i64::from(live.backup_opens) * 3600,
            window: i64::from(live.backup_window) * 3600,
        }
    }

    /// A backup that is older than this is not fresh: a period and a half; two days where none are taken by the clock.
    pub(crate) fn late(&self) -> SignedDuration {
        match self.rhythm().period {
            0 => SignedDuration::from_hours(48),
            period => SignedDuration::from_secs(period + period / 2),
        }
    }
}
