//! Backups by the clock: every tenant at a time of its own within a window, and not many at once on a node.

use crate::{Caller, Control, ControlError};
use domain::{Action, BackupKind, NodeId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::Actor;

/// How many one round begins, on all nodes together.
const AT_ONCE: usize = 100;
/// A tenant that has just come to be has nothing to lose yet.
const GROWN: SignedDuration = SignedDuration::from_hours(1);
/// After this, one that failed is tried again.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

impl Control {
    /// Begins the backups whose time has come. Says how many tenants have had none for too long.
    pub(crate) async fn back_up_due(&self) -> Result<Value, ControlError> {
        let (live, now) = (self.live(), self.world.now());
        let rhythm = self.rhythm();
        let scoped = self.store.on_behalf_of(Actor::System);
        let mut under_way: BTreeMap<NodeId, i64> = scoped.backups_under_way().await?.into_iter().collect();
        let mut begun = 0;
        for store in scoped.backup_stores().await? {
            if !store.is_scheduled || live.backup_hours == 0 {
                continue;
            }
            for due in scoped.backups_due(store.id, now - AGAIN).await? {
                let number = number_of(due.tenant.uuid());
                let grown = due.created_at + GROWN;
                let last = due.begun_at.map_or(grown, |begun| begun.max(grown));
                let on_node = under_way.entry(due.node).or_default();
                let is_full = *on_node >= i64::from(live.backups_at_once);
                if begun >= AT_ONCE
                    || is_full
                    || !rhythm.is_due(number, Some(last.as_second()), now.as_second())
                {
                    continue;
                }
                let caller = Caller::system();
                let reach = caller.reach(Action::TakeBackup)?;
                let mut unit = scoped.begin().await?;
                let Some(tenant) = unit.lock_tenant_by_id(&reach, due.tenant).await? else {
                    continue;
                };
                let asked = (BackupKind::Scheduled, None);
                match self.take_within(&mut unit, &caller, &tenant, &store, asked).await {
                    Ok(_) => {
                        unit.commit().await?;
                        *on_node += 1;
                        begun += 1;
                    }
                    Err(ControlError::Conflict(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let sum = self.backup_sum().await?;
        Ok(json!({ "begun": begun, "without_a_fresh_one": sum.unguarded }))
    }
}

/// A number that is spread evenly. Identities begin with the time; their end is random.
fn number_of(id: uuid::Uuid) -> u64 {
    let (_, low) = id.as_u64_pair();
    low
}
