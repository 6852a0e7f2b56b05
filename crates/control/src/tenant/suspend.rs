//! Suspending: the edge answers first, the database is shut, with a reason that is remembered.

use crate::intent::Added;
use crate::tenant::closure::Closure;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{FieldErrors, OperationId, OperationKind, Rule, Subdomain, SuspensionForm, SuspensionReason};
use store::TenantRecord;
use wire::tenant::SuspendTenant;

/// Longest note, in characters.
const LONGEST_NOTE: usize = 200;

impl Control {
    /// Begins to suspend a tenant, for one more reason if it is suspended already.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]; [`ControlError::NotFound`]; a conflict.
    pub async fn suspend_tenant(
        &self,
        caller: &Caller,
        name: &Subdomain,
        body: SuspendTenant,
    ) -> Result<OperationId, ControlError> {
        let added = check(&body)?;
        let request = Request {
            name,
            kind: OperationKind::SuspendTenant,
            body: &body,
        };
        self.order(caller, request, |tenant, _| Ok(planned(tenant, added)))
            .await
    }

    /// Begins to close a tenant by its customer's own will.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; a conflict when it is suspended.
    pub async fn pause_tenant(&self, caller: &Caller, name: &Subdomain) -> Result<OperationId, ControlError> {
        let request = Request {
            name,
            kind: OperationKind::PauseTenant,
            body: &(),
        };
        self.order(caller, request, |tenant, _| {
            Ok(Closure::of(tenant).paused().planned(tenant))
        })
        .await
    }
}

/// The reason, form and words of a suspension, checked.
pub(crate) fn check(body: &SuspendTenant) -> Result<Added, ControlError> {
    let mut errors = FieldErrors::default();
    let reason = errors
        .optional("reason", body.reason.as_deref())
        .unwrap_or(SuspensionReason::Manual);
    if !SuspensionReason::BY_HAND.contains(&reason) {
        let words: Vec<&str> = SuspensionReason::BY_HAND
            .iter()
            .map(|reason| reason.as_str())
            .collect();
        let allowed = words.join(", ");
        errors.push("reason", Rule::OneOf { allowed });
    }
    let form = errors
        .optional("form", body.form.as_deref())
        .unwrap_or(SuspensionForm::Full);
    if let Some(note) = &body.note {
        if note.chars().count() > LONGEST_NOTE {
            errors.push(
                "note",
                Rule::Length {
                    min: 0,
                    max: LONGEST_NOTE,
                },
            );
        }
        if note.chars().any(char::is_control) {
            errors.push("note", Rule::Control);
        }
    }
    if !errors.is_empty() {
        return Err(ControlError::fields(errors));
    }
    Ok(Added {
        reason,
        form,
        note: body.note.clone(),
        end: None,
    })
}

/// What a suspension means for the node and for the control database.
pub(crate) fn planned(tenant: &TenantRecord, added: Added) -> Planned {
    Closure::of(tenant).with(added).planned(tenant)
}
