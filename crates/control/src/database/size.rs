//! How much tenants hold, and held.

use crate::tenant::order::within;
use crate::{Caller, Control, ControlError};
use domain::size_series::{DAILY_DAYS, superfluous};
use domain::{Action, Subdomain, TenantId};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use store::{Actor, SeriesOf, SizeRecord, SizeTimes};
use uuid::Uuid;
use wire::database::{SizePoint, SizeView, TotalSizeView};

/// How many series are thinned in one transaction.
const AT_ONCE: i64 = 200;

fn point(record: SizeRecord) -> SizePoint {
    SizePoint {
        at: record.at,
        database_bytes: record.database_bytes,
        file_bytes: record.file_bytes,
    }
}

impl Control {
    /// How much a tenant holds, and held: what its node last measured, and the series.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn tenant_size(&self, caller: &Caller, name: &Subdomain) -> Result<SizeView, ControlError> {
        let reach = caller.reach(Action::ReadSizes)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let tenant = within(&reach, scoped.tenant(&reach, &name.database()).await?)?;
        let (sizes, limit) =
            tokio::try_join!(scoped.tenant_sizes(tenant.id), scoped.storage_limit(tenant.id))?;
        let points: Vec<SizePoint> = sizes.into_iter().map(point).collect();
        Ok(SizeView {
            now: points.last().cloned(),
            limit_bytes: limit,
            points,
        })
    }

    /// What was last measured of each of these tenants, by tenant; one that was never measured is left out.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn newest_sizes(
        &self,
        caller: &Caller,
        tenants: &[TenantId],
    ) -> Result<BTreeMap<TenantId, SizePoint>, ControlError> {
        caller.require(Action::ReadNodes)?;
        let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
        let scoped = self.store.on_behalf_of(caller.actor());
        let found = scoped.newest_sizes(&ids).await?.into_iter();
        Ok(found
            .map(|(id, record)| (TenantId::from_uuid(id), point(record)))
            .collect())
    }

    /// How much all tenants hold together, and held on each of the last ninety days.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn total_size(&self, caller: &Caller) -> Result<TotalSizeView, ControlError> {
        caller.require(Action::ReadNodes)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let since = self.world.now() - SignedDuration::from_hours(24 * DAILY_DAYS);
        let (sum, days) = tokio::try_join!(scoped.size_sum(), scoped.size_days(since))?;
        Ok(TotalSizeView {
            tenants: sum.tenants,
            database_bytes: sum.database_bytes,
            file_bytes: sum.file_bytes,
            days: days.into_iter().map(point).collect(),
        })
    }

    /// Forgets what no rule keeps of the series, a few hundred in each transaction; tells how many points went.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn thin_sizes(&self) -> Result<u64, ControlError> {
        let (mut forgotten, now) = (0, self.world.now().as_second());
        for of in [SeriesOf::Tenants, SeriesOf::Nodes] {
            let mut after = Uuid::nil();
            loop {
                let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
                let (next, series) = unit.size_times(of, after, AT_ONCE).await?;
                let gone: Vec<(Uuid, i64)> = series.iter().flat_map(|series| gone(series, now)).collect();
                forgotten += unit.forget_sizes(of, &gone).await?;
                unit.commit().await?;
                match next {
                    Some(next) => after = next,
                    None => break,
                }
            }
        }
        Ok(forgotten)
    }
}

fn gone(series: &SizeTimes, now: i64) -> impl Iterator<Item = (Uuid, i64)> + use<> {
    let of = series.of;
    superfluous(&series.at, now).into_iter().map(move |at| (of, at))
}
