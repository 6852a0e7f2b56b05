//! Backups by the clock: every tenant at a time of its own within a window, and not many at once on a node.

use crate::backup::is_folder;
use crate::{Caller, Control, ControlError};
use domain::{Action, BackupKind, NodeId, TenantId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Actor, BackupStoreRecord};

/// How many one round begins, on all nodes together.
const AT_ONCE: usize = 100;
/// A tombstone is left alone for this long: a deletion that is taken back, or a purge at once, meets no backup under way.
const SETTLED: SignedDuration = SignedDuration::from_mins(5);
/// After this, one that failed is tried again.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

impl Control {
    /// Begins the backups whose time has come, and the last ones of tombstones. Says how many tenants have had none for too long.
    pub(crate) async fn back_up_due(&self) -> Result<Value, ControlError> {
        let (live, now) = (self.live(), self.world.now());
        let scoped = self.store.on_behalf_of(Actor::System);
        let stores = scoped.backup_stores().await?;
        let mut round = Round {
            on_node: scoped.backups_under_way().await?.into_iter().collect(),
            most_on_node: i64::from(live.backups_at_once),
            begun: 0,
        };
        let mut due = Vec::new();
        for store in stores.iter().filter(|store| store.is_scheduled) {
            for one in scoped.backups_due(store.id, (now - AGAIN, now), None).await? {
                let at = self.next_backup_of(&one, now);
                if at.is_some_and(|at| at <= now.as_second()) {
                    let which = (one.tenant, one.node, BackupKind::Scheduled);
                    due.push((one.begun_at.unwrap_or(one.created_at), which, store));
                }
            }
        }
        // The last of all is best kept where the node is not.
        let mut scheduled = stores.iter().filter(|store| store.is_scheduled);
        let elsewhere = scheduled.clone().find(|store| !is_folder(store));
        if let Some(store) = elsewhere.or_else(|| scheduled.next()) {
            let tombstones = scoped
                .tombstones_without_final(now - SETTLED, now - AGAIN)
                .await?;
            due.extend(
                tombstones
                    .into_iter()
                    .map(|(tenant, node, deleted_at)| (deleted_at, (tenant, node, BackupKind::Final), store)),
            );
        }
        // Where not all of them have room, whoever waits longest is first.
        due.sort_by_key(|(since, (tenant, ..), _)| (*since, *tenant));
        for (_, which, store) in due {
            self.take_by_clock(&mut round, store, which).await?;
        }
        let sum = self.backup_sum().await?;
        Ok(json!({ "begun": round.begun, "without_a_fresh_one": sum.unguarded }))
    }

    /// Begins one, if its node and the round have room for it.
    async fn take_by_clock(
        &self,
        round: &mut Round,
        store: &BackupStoreRecord,
        (tenant, node, why): (TenantId, NodeId, BackupKind),
    ) -> Result<(), ControlError> {
        let on_node = round.on_node.entry(node).or_default();
        if round.begun >= AT_ONCE || *on_node >= round.most_on_node {
            return Ok(());
        }
        let caller = Caller::system();
        let reach = caller.reach(Action::TakeBackup)?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let Some(tenant) = unit.lock_tenant_by_id(&reach, tenant).await? else {
            return Ok(());
        };
        match self
            .take_within(&mut unit, &caller, &tenant, store, (why, None))
            .await
        {
            Ok(_) => {
                unit.commit().await?;
                *on_node += 1;
                round.begun += 1;
                Ok(())
            }
            Err(ControlError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What one round has begun.
struct Round {
    on_node: BTreeMap<NodeId, i64>,
    most_on_node: i64,
    begun: usize,
}
