//! When a tenant's time ends: as it is said, and kept by the clock (ADR 0033).

use crate::intent::Added;
use crate::tenant::closure::Closure;
use crate::tenant::order::{Asked, Request};
use crate::{Caller, Control, ControlError};
use domain::{
    DatabaseName, OperationId, OperationKind, Rule, Subdomain, SuspensionForm, SuspensionReason, TenantState,
    TenantSwitch,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use store::{TenantRecord, Unit};

/// How many tenants one round suspends, so that nodes are not kept busy with that alone.
const AT_ONCE: i64 = 20;
/// How long a text can be that names a day.
const DAY: usize = "2026-12-31".len();

/// When a tenant's time ends, as somebody said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expiry {
    /// Never.
    Never,
    /// With the day that ends at this time.
    Day(Timestamp),
    /// At this time.
    At(Timestamp),
}

impl FromStr for Expiry {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        if text == "never" {
            return Ok(Self::Never);
        }
        if text.len() == DAY {
            let day: Date = text.parse().map_err(|_| Rule::Expiry)?;
            let next = day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC));
            return next
                .map(|next| Self::Day(next.timestamp()))
                .map_err(|_| Rule::Expiry);
        }
        text.parse().map(Self::At).map_err(|_| Rule::Expiry)
    }
}

impl Expiry {
    /// The end that was said.
    pub(crate) const fn at(self) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::Day(at) | Self::At(at) => Some(at),
        }
    }

    /// The end from then on. Naming the day on which it ends already, as a form does that nobody touched, changes nothing.
    fn after(self, before: Option<Timestamp>) -> Option<Timestamp> {
        match (self, before) {
            (Self::Day(end), Some(before))
                if before <= end && before > end - SignedDuration::from_hours(24) =>
            {
                Some(before)
            }
            _ => self.at(),
        }
    }
}

impl Control {
    /// Sets when a tenant's time ends, within a unit that holds it and that the caller commits. A tenant that is suspended
    /// for an end that is none any more begins to go on; what is in the way of that is left to the reconciler.
    pub(crate) async fn change_expiry(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        tenant: &TenantRecord,
        expiry: Expiry,
    ) -> Result<Option<OperationId>, ControlError> {
        let now = self.world.now();
        let end = expiry.after(tenant.expires_at);
        unit.set_expiry(tenant.id, end, now).await?;
        let is_over = end.is_some_and(|end| end <= now);
        let stands = tenant
            .suspensions
            .iter()
            .any(|suspension| suspension.reason == SuspensionReason::Expired);
        if is_over || !stands || tenant.state != TenantState::Suspended {
            return Ok(None);
        }
        let asked = Asked {
            caller,
            kind: OperationKind::ResumeTenant,
            fingerprint: None,
            parent: None,
        };
        let resumed = self
            .order_within(unit, asked, tenant, |tenant, _| {
                Ok(Closure::of(tenant)
                    .without(Some(SuspensionReason::Expired))
                    .planned(tenant))
            })
            .await;
        match resumed {
            Ok(operation) => Ok(Some(operation)),
            Err(ControlError::Conflict(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins to suspend tenants whose time is over, and to let those go on whose time is not over any more; gives how many
    /// of each. An end suspends once: whoever is let in again by hand stays in until another end is set and passes.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn keep_expiry(&self) -> Result<(usize, usize), ControlError> {
        let scoped = self.store.on_behalf_of(Caller::system().actor());
        let now = self.world.now();
        let (mut suspended, mut resumed) = (0, 0);
        for name in scoped.expired(now, AT_ONCE).await? {
            suspended += usize::from(self.suspend_expired(&name).await?);
        }
        for name in scoped.expired_no_more(now, AT_ONCE).await? {
            resumed += usize::from(self.resume_expired(&name).await?);
        }
        Ok((suspended, resumed))
    }

    async fn suspend_expired(&self, name: &DatabaseName) -> Result<bool, ControlError> {
        let now = self.world.now();
        let request = Request {
            name: &subdomain_of(name)?,
            kind: OperationKind::SuspendTenant,
            body: &(),
        };
        let caller = Caller::system();
        let begun = self.order(&caller, request, |tenant, _| {
            // Looked at again now that the tenant is held.
            let end = tenant
                .expires_at
                .filter(|end| *end <= now && may_by_itself(tenant));
            let end = end.ok_or(ControlError::NotFound("tenant"))?;
            let added = Added {
                reason: SuspensionReason::Expired,
                form: SuspensionForm::Full,
                note: None,
                end: Some(end),
            };
            Ok(Closure::of(tenant).with(added).planned(tenant))
        });
        was_begun(begun.await)
    }

    async fn resume_expired(&self, name: &DatabaseName) -> Result<bool, ControlError> {
        let now = self.world.now();
        let request = Request {
            name: &subdomain_of(name)?,
            kind: OperationKind::ResumeTenant,
            body: &(),
        };
        let caller = Caller::system();
        let begun = self.order(&caller, request, |tenant, _| {
            match tenant.expires_at.is_none_or(|end| end > now) && may_by_itself(tenant) {
                true => Ok(Closure::of(tenant)
                    .without(Some(SuspensionReason::Expired))
                    .planned(tenant)),
                false => Err(ControlError::NotFound("tenant")),
            }
        });
        was_begun(begun.await)
    }
}

/// Whether the operator lets something happen to the tenant that nobody asked for.
fn may_by_itself(tenant: &TenantRecord) -> bool {
    tenant.switch.position == TenantSwitch::Active
}

/// Another replica was faster, or something else is under way: the next round looks again.
fn was_begun(begun: Result<OperationId, ControlError>) -> Result<bool, ControlError> {
    match begun {
        Ok(_) => Ok(true),
        Err(ControlError::Conflict(_) | ControlError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn subdomain_of(name: &DatabaseName) -> Result<Subdomain, ControlError> {
    name.as_str().parse().map_err(ControlError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_day_ends_with_it_and_a_time_is_itself() {
        let end = |text: &str| text.parse::<Expiry>().map(Expiry::at);
        assert_eq!(end("never"), Ok(None));
        assert_eq!(end("2026-12-31"), Ok(Some(at("2027-01-01T00:00:00Z"))));
        assert_eq!(
            end("2026-12-31T18:00:00-04:00"),
            Ok(Some(at("2026-12-31T22:00:00Z")))
        );
        for odd in [
            "",
            "soon",
            "2026-13-01",
            "31/12/2026",
            "Never",
            "2026-12-31T18:00",
        ] {
            assert_eq!(end(odd), Err(Rule::Expiry), "{odd}");
        }
    }

    #[test]
    fn naming_the_day_on_which_it_ends_changes_nothing() {
        let day: Expiry = "2026-12-31".parse().expect("a day");
        let trial = Some(at("2026-12-31T10:32:00Z"));
        assert_eq!(day.after(trial), trial);
        let whole = Some(at("2027-01-01T00:00:00Z"));
        assert_eq!(day.after(whole), whole);
        for other in [
            Some(at("2026-12-31T00:00:00Z")),
            Some(at("2027-01-01T00:00:01Z")),
            None,
        ] {
            assert_eq!(day.after(other), whole);
        }
    }
}
