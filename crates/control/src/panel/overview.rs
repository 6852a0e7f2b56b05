//! The figures of the first page, and what is sold.

use crate::{Caller, Control, ControlError};
use domain::{Action, TenantId};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::BTreeMap;
use store::{DayCount, TemplateState, TenantCount};
use wire::tenant::Tenant;

/// For how many days charts look back.
const DAYS: i64 = 30;

/// What is counted under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The name.
    pub name: String,
    /// How many.
    pub count: i64,
}

/// A day of a chart, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day, as `2026-11-29`.
    pub day: String,
    /// How many in all.
    pub count: i64,
    /// How many of them failed.
    pub failed: i64,
}

/// The figures of the first page.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Tenants that are not deleted.
    pub tenants: i64,
    /// Tenants by state, deleted ones too.
    pub states: Vec<Counted>,
    /// Tenants that are not deleted, by plan.
    pub plans: Vec<Counted>,
    /// The same by product.
    pub products: Vec<Counted>,
    /// The same by node.
    pub nodes: Vec<Counted>,
    /// Operations that wait for their node.
    pub queued: i64,
    /// Operations that are under way.
    pub running: i64,
    /// Tenants whose time ends within thirty days.
    pub expiring: i64,
    /// New tenants of each day.
    pub made: Vec<Day>,
    /// Operations of each day.
    pub operations: Vec<Day>,
}

/// Names that one may choose from.
#[derive(Clone, Debug)]
pub struct OnSale {
    /// Plans, in their order.
    pub plans: Vec<String>,
    /// Those of them that tenants are put on.
    pub offered_plans: Vec<String>,
    /// Products, in their order.
    pub products: Vec<String>,
    /// Those of them of which tenants are made.
    pub offered_products: Vec<String>,
}

impl Control {
    /// The figures of the first page.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn overview(&self, caller: &Caller) -> Result<Overview, ControlError> {
        caller.require(Action::ReadPanel)?;
        let now = self.world.now();
        let since = now - SignedDuration::from_hours(24 * DAYS);
        let scoped = self.store.on_behalf_of(caller.actor());
        let until = now + SignedDuration::from_hours(24 * DAYS);
        let (counts, open, made, done, expiring) = tokio::try_join!(
            scoped.tenant_counts(),
            scoped.operations_open(),
            scoped.tenants_made_since(since),
            scoped.operations_since(since),
            scoped.expiring(now, until),
        )?;
        let of = |state: &str| {
            open.iter()
                .find(|(known, _)| known == state)
                .map_or(0, |(_, n)| *n)
        };
        let there: Vec<&TenantCount> = counts.iter().filter(|count| count.state != "deleted").collect();
        Ok(Overview {
            tenants: there.iter().map(|count| count.count).sum(),
            states: counted(counts.iter().map(|count| (&count.state, count.count))),
            plans: counted(there.iter().map(|count| (&count.plan, count.count))),
            products: counted(there.iter().map(|count| (&count.product, count.count))),
            nodes: counted(there.iter().map(|count| (&count.node, count.count))),
            queued: of("queued"),
            running: of("running"),
            expiring,
            made: days(&made, now),
            operations: days(&done, now),
        })
    }

    /// The names of plans and products, for what one may choose from: it counts nothing.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn on_sale(&self, caller: &Caller) -> Result<OnSale, ControlError> {
        caller.require(Action::ReadPanel)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let (plans, products) = tokio::try_join!(scoped.plans(), scoped.products())?;
        let open_plans = plans.iter().filter(|plan| plan.is_offered);
        let open_products = products.iter().filter(|product| product.is_offered);
        Ok(OnSale {
            offered_plans: open_plans.map(|plan| plan.name.clone()).collect(),
            offered_products: open_products.map(|product| product.name.clone()).collect(),
            plans: plans.into_iter().map(|plan| plan.name).collect(),
            products: products.into_iter().map(|product| product.name).collect(),
        })
    }
}

impl Control {
    /// The names of templates that can be cloned, each once.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn template_names(&self, caller: &Caller) -> Result<Vec<String>, ControlError> {
        caller.require(Action::ReadPanel)?;
        let templates = self.store.on_behalf_of(caller.actor()).templates().await?;
        let ready = templates
            .iter()
            .filter(|one| one.state == TemplateState::Ready.as_str());
        let mut names: Vec<String> = ready.map(|one| one.name.to_string()).collect();
        names.dedup();
        Ok(names)
    }

    /// A tenant as a page's address names it: by its name, or by its identity.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn tenant_named(&self, caller: &Caller, text: &str) -> Result<Tenant, ControlError> {
        if let Ok(id) = text.parse::<TenantId>() {
            let reach = caller.reach(Action::ReadTenants)?;
            let scoped = self.store.on_behalf_of(caller.actor());
            if let Some(found) = scoped.tenant_by_id(&reach, id).await? {
                return Ok(Self::view(found));
            }
        }
        // A text that no name can be is the name of nothing.
        let name = text.parse().map_err(|_| ControlError::NotFound("tenant"))?;
        Ok(Self::view(self.tenant(caller, &name).await?))
    }
}

/// The sums under each name, the largest first.
fn counted<'a>(pairs: impl Iterator<Item = (&'a String, i64)>) -> Vec<Counted> {
    let mut sums: BTreeMap<&String, i64> = BTreeMap::new();
    for (name, count) in pairs {
        *sums.entry(name).or_default() += count;
    }
    let mut list: Vec<Counted> = sums
        .into_iter()
        .map(|(name, count)| Counted {
            name: name.clone(),
            count,
        })
        .collect();
    list.sort_by_key(|one| std::cmp::Reverse(one.count));
    list
}

/// Every day up to now, those too on which nothing happened.
fn days(found: &[DayCount], now: Timestamp) -> Vec<Day> {
    let ago = (0..DAYS)
        .rev()
        .map(|days| now - SignedDuration::from_hours(24 * days));
    let name = |at: Timestamp| at.to_zoned(TimeZone::UTC).date().to_string();
    ago.map(|at| {
        let day = name(at);
        let of = |one: &&DayCount| one.day == day;
        let failed = |one: &&DayCount| one.day == day && one.state == "failed";
        Day {
            count: found.iter().filter(of).map(|one| one.count).sum(),
            failed: found.iter().filter(failed).map(|one| one.count).sum(),
            day,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_on_which_nothing_happened_are_there_too() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().expect("a time");
        let found = [DayCount {
            day: "2026-11-28".to_owned(),
            state: "failed".to_owned(),
            count: 2,
        }];
        let days = days(&found, now);
        assert_eq!(days.len(), 30);
        assert_eq!(days.first().map(|day| day.day.as_str()), Some("2026-10-31"));
        assert_eq!(days.iter().map(|day| day.count).sum::<i64>(), 2);
        assert_eq!(days[28].failed, 2);
    }

    #[test]
    fn the_largest_count_comes_first() {
        let (one, other) = ("a".to_owned(), "b".to_owned());
        let list = counted([(&one, 1), (&other, 2), (&one, 2)].into_iter());
        assert_eq!(list[0].name, "a");
        assert_eq!(list[1].count, 2);
    }
}
