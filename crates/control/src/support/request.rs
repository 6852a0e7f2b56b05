//! Asking for a support access: with a reason, for a time, and as the customer wants it.

use super::list::view;
use crate::tenant::order::within;
use crate::{Caller, ConflictReason, Control, ControlError, SupportBounds};
use domain::{
    Action, FieldErrors, OperationKind, Rule, Subdomain, SupportId, SupportReason, SupportState, SupportWish,
    TenantState,
};
use jiff::SignedDuration;
use serde_json::json;
use store::{NewSupport, TenantRecord, Unit};
use wire::support::{RequestSupport, SupportAccess};

/// What was asked, checked.
struct Asked {
    reason: SupportReason,
    minutes: i32,
    glass: Glass,
}

/// Whether the customer's leave is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Glass {
    Whole,
    Broken,
}

impl Control {
    /// Asks for a support access. It is approved at once where the organization wants it so, or by breaking the glass.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `reason` or `minutes`; [`ConflictReason::SupportNever`],
    /// [`ConflictReason::SupportUnderWay`]; a conflict when the tenant is gone.
    pub async fn request_support(
        &self,
        caller: &Caller,
        name: &Subdomain,
        request: &RequestSupport,
    ) -> Result<SupportAccess, ControlError> {
        let reach = caller.reach(Action::RequestSupport)?;
        let bounds = self.live().support;
        let asked = check(request, bounds)?;
        let behind = self.behind(caller).await?;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit.lock_tenant(&reach, &name.database()).await?;
        let tenant = within(&reach, tenant)?;
        if asked.glass == Glass::Broken
            && !caller
                .reach(Action::BreakGlass)?
                .holds(tenant.id, tenant.organization)
        {
            return Err(ControlError::Forbidden);
        }
        refuse_gone(tenant.state)?;
        let wish = wish_of(&mut unit, &tenant, bounds).await?;
        let (state, decided_by) = match (asked.glass, wish) {
            (_, SupportWish::Never) => return Err(ControlError::Conflict(ConflictReason::SupportNever)),
            (Glass::Broken, _) => (SupportState::Approved, Some(caller.actor().to_string())),
            (Glass::Whole, SupportWish::Open) => (SupportState::Approved, Some("system".to_owned())),
            (Glass::Whole, SupportWish::Approval) => (SupportState::Requested, None),
        };
        let (id, now) = (SupportId::from_uuid(self.world.uuid()), self.world.now());
        unit.insert_support(NewSupport {
            id,
            tenant: tenant.id,
            requested_behind: &behind,
            reason: &asked.reason,
            minutes: asked.minutes,
            break_glass: asked.glass == Glass::Broken,
            state,
            now,
            lapses_at: now + SignedDuration::from_hours(i64::from(bounds.request_hours)),
            decided_by: decided_by.as_deref(),
        })
        .await?;
        let detail = json!({ "access": id, "reason": asked.reason, "minutes": asked.minutes, "state": state,
            "wish": wish, "break_glass": asked.glass == Glass::Broken });
        let action = match asked.glass {
            Glass::Whole => Action::RequestSupport,
            Glass::Broken => Action::BreakGlass,
        };
        self.note(
            &mut unit,
            caller,
            action.as_str(),
            tenant.subdomain.as_str(),
            detail,
        )
        .await?;
        let made = unit.lock_support(tenant.id, id).await?;
        let made = made.ok_or(ControlError::NotFound("support access"))?;
        unit.commit().await?;
        Ok(view(made))
    }
}

fn check(request: &RequestSupport, bounds: SupportBounds) -> Result<Asked, ControlError> {
    let mut errors = FieldErrors::default();
    let reason: Option<SupportReason> = errors.required("reason", request.reason.as_deref());
    let most = i64::from(bounds.longest_minutes);
    let minutes = match request.minutes {
        None => {
            errors.push("minutes", Rule::Required);
            None
        }
        Some(minutes) if !(1..=most).contains(&minutes) => {
            errors.push("minutes", Rule::Range { min: 1, max: most });
            None
        }
        Some(minutes) => i32::try_from(minutes).ok(),
    };
    let (Some(reason), Some(minutes)) = (reason, minutes) else {
        return Err(ControlError::fields(errors));
    };
    let glass = match request.break_glass {
        true => Glass::Broken,
        false => Glass::Whole,
    };
    Ok(Asked {
        reason,
        minutes,
        glass,
    })
}

/// There is nobody to help in a tenant that is not there.
fn refuse_gone(state: TenantState) -> Result<(), ControlError> {
    match state {
        TenantState::Active | TenantState::Paused | TenantState::Suspended | TenantState::Cancelled => Ok(()),
        TenantState::Provisioning | TenantState::Deleted | TenantState::Failed => {
            Err(ControlError::Conflict(ConflictReason::State {
                from: state,
                wanted: OperationKind::EnterTenant,
            }))
        }
    }
}

async fn wish_of(
    unit: &mut Unit,
    tenant: &TenantRecord,
    bounds: SupportBounds,
) -> Result<SupportWish, ControlError> {
    match tenant.organization {
        Some(organization) => Ok(unit.support_wish(organization).await?),
        None => Ok(bounds.unowned),
    }
}
