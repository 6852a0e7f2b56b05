//! Purging: a last backup is kept, or a dump where there is none; then the tombstone is dropped and its name is free.

use crate::intent::Intent;
use crate::tenant::delete::Confirmed;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupId, DatabaseName, OperationId, OperationKind};
use jiff::{SignedDuration, Timestamp};
use store::DueTombstone;
use wire::node::{Order, PurgeTenant};

/// How many purges to begin in one round, so that nodes are not kept busy with dumps alone.
const AT_ONCE: usize = 4;
/// How many tombstones to look at in one round: some may wait for their last backup.
const LOOKS_AT: i64 = 50;
/// For how long a node may take that is away.
const HELD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// For how long a last backup is waited for.
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);

impl Control {
    /// Begins to drop a tombstone, whatever its age. Its node dumps one without a last backup before.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; a conflict when it is no tombstone.
    pub async fn purge_tenant(
        &self,
        caller: &Caller,
        confirmed: &Confirmed,
    ) -> Result<OperationId, ControlError> {
        let request = Request {
            name: confirmed.name(),
            kind: OperationKind::PurgeTenant,
            body: &(),
        };
        let last = self.last_backup(caller, confirmed).await?;
        self.order(caller, request, |tenant, _| {
            // Not one of an earlier deletion that was taken back meanwhile.
            let last = last.filter(|(_, deleted_at)| Some(*deleted_at) == tenant.deleted_at);
            let order = PurgeTenant {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
                last_backup: last.map(|(backup, _)| backup),
            };
            Ok(Planned {
                order: Order::PurgeTenant(order),
                intent: Intent::Forget,
            })
        })
        .await
    }

    /// The last backup of what is to be dropped, which stays until the node has done it. One that nobody has looked at does not
    /// count: the node makes a dump beside it, and checks that.
    async fn last_backup(
        &self,
        caller: &Caller,
        confirmed: &Confirmed,
    ) -> Result<Option<(BackupId, Timestamp)>, ControlError> {
        let reach = caller.reach(Action::PurgeTenant)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let name = confirmed.name().database();
        let tenant = scoped.tenant(&reach, &name).await?;
        if !tenant.is_some_and(|tenant| reach.holds(tenant.id, tenant.organization)) {
            return Ok(None);
        }
        let found = scoped.last_backup(&name).await?;
        if let Some((backup, _)) = found {
            let mut unit = scoped.begin().await?;
            unit.hold_backup(backup, None, Some(self.world.now() + HELD))
                .await?;
            unit.commit().await?;
        }
        Ok(found)
    }

    /// Begins to purge the tombstones whose time is over; gives how many.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn purge_due(&self) -> Result<usize, ControlError> {
        let caller = Caller::system();
        let now = self.world.now();
        let due = self
            .store
            .on_behalf_of(caller.actor())
            .tombstones_due(now, LOOKS_AT)
            .await?;
        let mut begun = 0;
        for one in &due {
            if begun >= AT_ONCE {
                break;
            }
            if self.waits_for_backup(one).await? {
                continue;
            }
            let confirmed = Confirmed::by_naming(subdomain_of(&one.database)?);
            match self.purge_tenant(&caller, &confirmed).await {
                Ok(_) => begun += 1,
                // Another replica was faster, or something else is under way: the next round looks again.
                Err(ControlError::Conflict(_) | ControlError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(begun)
    }

    /// Whether its last backup is still to come. It is not waited for without end: without one, the node keeps a dump.
    async fn waits_for_backup(&self, due: &DueTombstone) -> Result<bool, ControlError> {
        if due.has_final || self.world.now() >= due.purge_after + PATIENCE {
            return Ok(false);
        }
        let is_possible = async {
            self.store_to_use(None).await?;
            self.check_backs_up(due.node, &due.node_name).await
        };
        match is_possible.await {
            Ok(()) => Ok(true),
            Err(ControlError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn subdomain_of(name: &DatabaseName) -> Result<domain::Subdomain, ControlError> {
    name.as_str().parse().map_err(ControlError::internal)
}
