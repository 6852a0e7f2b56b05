//! Looking at support accesses: all that there were, for the customer as for the staff.

use crate::tenant::order::within;
use crate::{Caller, Control, ControlError};
use domain::{Action, Subdomain, SupportState};
use store::SupportRecord;
use wire::support::SupportAccess;

/// Most in one answer; older ones stay in the audit trail.
const MOST: i64 = 200;

impl Control {
    /// The support accesses to a tenant, newest first.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when the caller may not see the tenant.
    pub async fn support_of(
        &self,
        caller: &Caller,
        name: &Subdomain,
    ) -> Result<Vec<SupportAccess>, ControlError> {
        let reach = caller.reach(Action::ReadSupport)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let tenant = within(&reach, scoped.tenant(&reach, &name.database()).await?)?;
        let found = scoped
            .support_accesses(reach.done(), Some(tenant.id), SupportState::ALL, MOST)
            .await?;
        Ok(found.into_iter().map(view).collect())
    }

    /// The support accesses that are not over, to every tenant that the caller may see, newest first.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn live_support(&self, caller: &Caller) -> Result<Vec<SupportAccess>, ControlError> {
        let reach = caller.reach(Action::ReadSupport)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let live: Vec<SupportState> = SupportState::ALL
            .iter()
            .copied()
            .filter(|state| state.is_live())
            .collect();
        let found = scoped.support_accesses(reach.done(), None, &live, MOST).await?;
        Ok(found.into_iter().map(view).collect())
    }
}

pub(crate) fn view(record: SupportRecord) -> SupportAccess {
    SupportAccess {
        id: record.id.to_string(),
        tenant: record.subdomain.to_string(),
        state: record.state.to_string(),
        requested_by: record.requested_by,
        requester_name: record.requester_name,
        reason: record.reason,
        minutes: record.minutes,
        break_glass: record.break_glass,
        requested_at: record.requested_at,
        lapses_at: record.lapses_at,
        decided_at: record.decided_at,
        decided_by: record.decided_by,
        note: record.note,
        opened_at: record.opened_at,
        ends_at: record.ends_at,
        entries: record.entries,
        over_at: record.over_at,
        over_by: record.over_by,
        closed_at: record.closed_at,
    }
}
