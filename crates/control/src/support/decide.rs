//! Approving or refusing a support access.

use super::list::view;
use crate::tenant::order::within;
use crate::{Caller, ConflictReason, Control, ControlError};
use domain::{Action, FieldErrors, Principal, Subdomain, SupportId, SupportMove, SupportReason};
use jiff::SignedDuration;
use serde_json::json;
use store::{SupportRecord, TenantRecord};
use wire::support::{DecideSupport, SupportAccess};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Whoever asked may enter.
    Approve,
    /// They may not.
    Refuse,
}

impl Verdict {
    const fn wanted(self) -> SupportMove {
        match self {
            Self::Approve => SupportMove::Approve,
            Self::Refuse => SupportMove::Refuse,
        }
    }

    const fn audited(self) -> &'static str {
        match self {
            Self::Approve => "support.approve",
            Self::Refuse => "support.refuse",
        }
    }
}

impl Control {
    /// Decides about a support access: for an organization's tenant one of its owners or admins, in person; for a
    /// tenant of none an admin of the staff who is not behind the request.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Forbidden`] for others; [`ConflictReason::SupportState`] when it was
    /// decided before or is over.
    pub async fn decide_support(
        &self,
        caller: &Caller,
        name: &Subdomain,
        id: SupportId,
        decision: Verdict,
        request: &DecideSupport,
    ) -> Result<SupportAccess, ControlError> {
        let reach = caller.reach(Action::ApproveSupport)?;
        let mut errors = FieldErrors::default();
        let note: Option<SupportReason> = errors.optional("note", request.note.as_deref());
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let behind = self.behind(caller).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(&reach, &name.database()).await?;
        let tenant = within(&reach, tenant)?;
        let access = unit.lock_support(tenant.id, id).await?;
        let access = access.ok_or(ControlError::NotFound("support access"))?;
        may_decide(caller, &behind, &tenant, &access)?;
        let now = self.world.now();
        let state = match access.state.after(decision.wanted()) {
            Ok(state) if access.lapses_at > now => state,
            _ => return Err(ControlError::Conflict(ConflictReason::SupportState(access.state))),
        };
        let lapses = now + SignedDuration::from_hours(i64::from(self.live().support.request_hours));
        let words = note.as_ref().map(SupportReason::as_str);
        unit.decide_support(id, state, words, now, lapses).await?;
        let detail =
            json!({ "access": id, "state": state, "note": note, "requested_by": access.requested_by });
        self.note(
            &mut unit,
            caller,
            decision.audited(),
            tenant.subdomain.as_str(),
            detail,
        )
        .await?;
        let decided = unit.lock_support(tenant.id, id).await?;
        let decided = decided.ok_or(ControlError::NotFound("support access"))?;
        unit.commit().await?;
        Ok(view(decided))
    }
}

fn may_decide(
    caller: &Caller,
    behind: &str,
    tenant: &TenantRecord,
    access: &SupportRecord,
) -> Result<(), ControlError> {
    let own = access.requested_behind == behind || access.requested_by == caller.actor().to_string();
    let allowed = match (tenant.organization, &caller.principal) {
        // The customer decides, and nobody in their name: no staff, though a member, and no key.
        (Some(_), Principal::Person(person)) => person.staff.is_none(),
        (Some(_), _) => false,
        (None, _) => true,
    };
    match allowed && !own {
        true => Ok(()),
        false => Err(ControlError::Forbidden),
    }
}
