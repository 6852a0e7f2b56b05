//! Forgetting backups by the rules of their stores, and clearing up after those that failed.

use crate::backup::is_folder;
use crate::intent::Intent;
use crate::work::backup::Clear;
use crate::{Caller, Control, ControlError};
use domain::backup::{KeptBackup, TakenAt};
use domain::{BackupId, BackupKind, BackupState, NodeId, OperationId, OperationKind, TenantId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use operations::Work;
use std::collections::{BTreeMap, BTreeSet};
use store::{Actor, BackupRecord, BackupStoreRecord, NewOperation};
use uuid::Uuid;

/// How many tenants one round begins to clear up after.
const AT_ONCE: usize = 50;
const PRIORITY: i16 = 170;
/// For how long a damaged one stays, for whoever wants to find out what became of it.
const DAMAGED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Clocks of servers differ by no more than this.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// Within how long a round goes through a tenant of which a backup that was asked for has had its time, and through all of a store
/// whose rules were changed.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A backup changes what the others are worth; twice the time between two rounds.
const LOOKS_BACK: SignedDuration = SignedDuration::from_mins(20);

impl Control {
    /// Forgets what the rules of the stores do not keep, of as many tenants as one round takes.
    pub(crate) async fn prune_due(&self) -> Result<usize, ControlError> {
        let tenants = self.store.on_behalf_of(Actor::System);
        let now = self.world.now();
        let tenants = tenants
            .tenants_to_prune(
                (now - LOOKS_BACK, now - DAY),
                now - self.remembrance(),
                (now - self.asked() - DAY, now - self.asked()),
            )
            .await?;
        let mut begun = 0;
        for tenant in tenants {
            if begun >= AT_ONCE {
                break;
            }
            begun += self.prune_tenant(tenant).await?;
        }
        Ok(begun)
    }

    /// For how long the backups of a purged tenant stay.
    fn remembrance(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.live().backup_after_purge_days))
    }

    /// For how long a backup stays that somebody asked for.
    fn asked(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.live().backup_asked_days))
    }

    /// Forgets backups of a tenant that no rule keeps, and begins to clear what was forgotten or failed; gives how many operations
    /// that are.
    pub(crate) async fn prune_tenant(&self, tenant: TenantId) -> Result<usize, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        let stores = scoped.backup_stores().await?;
        let mut unit = scoped.begin().await?;
        if unit.is_work_open(&format!("prune:{tenant}")).await? {
            return Ok(0);
        }
        let records = unit.lock_backups(tenant).await?;
        let now = self.world.now();
        let exists = unit.tenant_exists(tenant).await?.then_some(tenant);
        let forgotten = match exists {
            None if is_older(&records, now - self.remembrance()) => all_but_held(&records, now),
            _ => {
                let mut forgotten = forgotten(&records, &stores, (now, now - self.asked()));
                forgotten.extend(of_no_use(&records, (now, now - DAMAGED)));
                forgotten
            }
        };
        unit.forget_backups(&forgotten, now).await?;
        let mut begun = 0;
        for ((store, node), ids) in to_clear(&records, &stores, &forgotten) {
            let subject = records
                .first()
                .map(|record| record.subdomain.to_string())
                .unwrap_or_default();
            let kind = OperationKind::PruneBackups;
            let new = NewOperation {
                id: OperationId::from_uuid(self.world.uuid()),
                kind,
                tenant: exists,
                subject: &subject,
                intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
                node: Some(node),
                parent: None,
                idempotency_key: None,
                request_hash: None,
                now,
            };
            let clear = Clear {
                tenant,
                store,
                node,
                ids: ids.into_iter().collect(),
            };
            let about = serde_json::to_value(clear).map_err(ControlError::internal)?;
            let mut work = Work::new(kind.as_str(), 1, about).one_at_a_time(format!("prune:{tenant}"));
            work.priority = PRIORITY;
            self.begin_saga(&mut unit, &Caller::system(), new, work).await?;
            begun += 1;
        }
        unit.commit().await?;
        Ok(begun)
    }
}

/// Whether the newest that is there was begun before this.
fn is_older(records: &[BackupRecord], than: Timestamp) -> bool {
    let there = records.iter().filter(|record| is_there(record));
    there
        .map(|record| record.begun_at)
        .max()
        .is_some_and(|newest| newest < than)
}

const fn is_there(record: &BackupRecord) -> bool {
    matches!(record.state, BackupState::Kept | BackupState::Damaged)
}

fn is_held(record: &BackupRecord, now: Timestamp) -> bool {
    record.is_held || record.in_use_until.is_some_and(|until| until > now)
}

fn all_but_held(records: &[BackupRecord], now: Timestamp) -> Vec<BackupId> {
    let there = records
        .iter()
        .filter(|record| is_there(record) && !is_held(record, now));
    there.map(|record| record.id).collect()
}

/// The backups that no rule keeps. One that somebody wanted is there for what may come of it, and that shows within days: until
/// then it stays beside a newer one of the same day.
fn forgotten(
    records: &[BackupRecord],
    stores: &[BackupStoreRecord],
    (now, asked_since): (Timestamp, Timestamp),
) -> Vec<BackupId> {
    let is_wanted = |record: &BackupRecord| {
        matches!(record.kind, BackupKind::Manual | BackupKind::Before) && record.begun_at >= asked_since
    };
    let mut forgotten = Vec::new();
    for store in stores {
        let kept: Vec<KeptBackup> = records
            .iter()
            .filter(|record| record.store == store.id && record.state == BackupState::Kept)
            // What a clock that ran ahead wrote down is not the newest, and its time is not known.
            .filter(|record| record.begun_at <= now + AHEAD)
            .map(|record| KeptBackup {
                id: record.id,
                taken: taken_at(record.begun_at),
                is_held: is_held(record, now) || is_wanted(record),
            })
            .collect();
        let stay = store.retention.keep(&kept);
        forgotten.extend(kept.iter().map(|one| one.id).filter(|id| !stay.contains(id)));
    }
    forgotten
}

/// Ones whose bytes were found damaged a while ago, where a newer one is whole: nobody will mend them any more. What else a proof
/// failed of may be the node's fault, and such a backup stays for somebody to look at.
fn of_no_use(records: &[BackupRecord], (now, before): (Timestamp, Timestamp)) -> Vec<BackupId> {
    let is_newer = |record: &BackupRecord| {
        let mut same = records.iter().filter(|one| one.store == record.store);
        same.any(|one| one.state == BackupState::Kept && one.begun_at > record.begun_at)
    };
    let damaged = records.iter().filter(|record| {
        record.state == BackupState::Damaged
            && record.failure_code.as_deref() == Some("backup-damaged")
            && record.begun_at < before
            && !is_held(record, now)
    });
    damaged
        .filter(|record| is_newer(record))
        .map(|record| record.id)
        .collect()
}

/// What has to be cleared, by store and the node that does it.
fn to_clear(
    records: &[BackupRecord],
    stores: &[BackupStoreRecord],
    forgotten: &[BackupId],
) -> BTreeMap<(Uuid, NodeId), BTreeSet<BackupId>> {
    let mut clear: BTreeMap<(Uuid, NodeId), BTreeSet<BackupId>> = BTreeMap::new();
    let newest = |store: Uuid| {
        records
            .iter()
            .find(|record| record.store == store)
            .map(|record| record.node)
    };
    for record in records {
        let is_over = matches!(record.state, BackupState::Failed | BackupState::Forgotten);
        if !is_over && !forgotten.contains(&record.id) {
            continue;
        }
        let own = stores
            .iter()
            .any(|store| store.id == record.store && is_folder(store));
        let node = match own {
            true => record.node,
            // Any node reaches a bucket; the one where the tenant was last is there most likely.
            false => newest(record.store).unwrap_or(record.node),
        };
        clear.entry((record.store, node)).or_default().insert(record.id);
    }
    clear
}

/// The periods that a moment is in, of any era.
fn taken_at(at: Timestamp) -> TakenAt {
    let (second, date) = (at.as_second(), at.to_zoned(TimeZone::UTC).date());
    let day = second.div_euclid(86_400);
    TakenAt {
        second,
        day,
        // The epoch's first day was a Thursday.
        week: (day + 3).div_euclid(7),
        month: i64::from(date.year()) * 12 + i64::from(date.month()),
        year: i64::from(date.year()),
    }
}
