//! How large tenants' databases and files are, a few measured in each round: to measure one, each of its files is looked at.

use crate::catalogue;
use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::room::Room;
use domain::TenantId;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;
use tokio::time::Instant;

/// How many are measured in one round.
const AT_ONCE: usize = 20;
/// Of how many of them the files are, which takes longer.
const FILES_AT_ONCE: usize = 4;
/// For how long what was measured of files counts.
const FILES_KEPT: Duration = Duration::from_secs(30 * 60);

/// What was measured, and where the next round goes on.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    known: BTreeMap<TenantId, u64>,
    files: BTreeMap<TenantId, (u64, Instant)>,
    last: Option<TenantId>,
}

impl Sizes {
    /// Measures the next few.
    pub(crate) async fn look(&mut self, room: &Room) -> Result<(), NodeError> {
        let managed = managed::all(&room.journal.pool).await?;
        let here: BTreeMap<TenantId, (i64, &Identifier)> = managed.iter().filter_map(served).collect();
        self.known.retain(|tenant, _| here.contains_key(tenant));
        self.files.retain(|tenant, _| here.contains_key(tenant));
        let present: BTreeSet<TenantId> = here.keys().copied().collect();
        let mut left = FILES_AT_ONCE;
        for tenant in next(&present, self.last) {
            self.last = Some(tenant);
            let Some((oid, name)) = here.get(&tenant) else {
                continue;
            };
            // One that is dropped in this moment has no size, and is asked for again if it is still there.
            if let Ok(bytes) = catalogue::size(&room.journal.pool, *oid).await {
                self.known.insert(tenant, bytes.unsigned_abs());
            }
            let is_known = |(_, at): &(u64, Instant)| at.elapsed() < FILES_KEPT;
            if left > 0 && !self.files.get(&tenant).is_some_and(is_known) {
                left -= 1;
                let (filestores, name) = (room.filestores.clone(), (*name).clone());
                let measured = room.blocking(move || filestores.bytes(&name)).await;
                if let Ok(bytes) = measured {
                    self.files.insert(tenant, (bytes, Instant::now()));
                }
            }
        }
        Ok(())
    }

    /// All databases that are known of tenants that are here.
    pub(crate) const fn databases(&self) -> &BTreeMap<TenantId, u64> {
        &self.known
    }

    /// All files that are.
    pub(crate) fn files(&self) -> BTreeMap<TenantId, u64> {
        self.files
            .iter()
            .map(|(tenant, (bytes, _))| (*tenant, *bytes))
            .collect()
    }
}

fn served(one: &Managed) -> Option<(TenantId, (i64, &Identifier))> {
    let Subject::Tenant(tenant) = one.subject else {
        return None;
    };
    let is_tenant = !matches!(
        one.standing,
        Standing::Building | Standing::Replaced | Standing::Pooled
    );
    one.oid
        .filter(|_| is_tenant)
        .map(|oid| (tenant, (oid, &one.name)))
}

/// The next few after the last one, round and round.
fn next(present: &BTreeSet<TenantId>, last: Option<TenantId>) -> Vec<TenantId> {
    let after = last.map_or(Bound::Unbounded, Bound::Excluded);
    let rest = present.range((after, Bound::Unbounded));
    let start = present
        .iter()
        .take_while(|tenant| last.is_some_and(|last| **tenant <= last));
    rest.chain(start).take(AT_ONCE).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn tenants(numbers: impl Iterator<Item = u128>) -> BTreeSet<TenantId> {
        numbers
            .map(|number| TenantId::from_uuid(Uuid::from_u128(number)))
            .collect()
    }

    #[test]
    fn every_tenant_is_measured_in_its_turn_and_none_twice_in_a_round() {
        let present = tenants(0..50);
        let mut last = None;
        let mut seen = BTreeSet::new();
        for _ in 0..3 {
            let round = next(&present, last);
            assert_eq!(round.len(), AT_ONCE);
            assert_eq!(round.iter().collect::<BTreeSet<_>>().len(), AT_ONCE);
            last = round.last().copied();
            seen.extend(round);
        }
        assert_eq!(seen, present);
        let few = tenants(0..3);
        assert_eq!(next(&few, few.last().copied()).len(), 3);
        assert_eq!(next(&BTreeSet::new(), last), []);
    }
}
