//! How a tenant is closed: the reasons for which the operator suspends it, and above all of it nothing; below them
//! the customer's own pause. What follows for its state and for what the node is to do.

use crate::intent::{Added, Intent};
use crate::tenant::order::Planned;
use domain::{SuspensionForm, SuspensionReason, TenantState};
use store::TenantRecord;
use wire::node::{Cause, Order, ResumeTenant, Service, SuspendTenant};

/// How a tenant is served that is suspended in these forms, or paused by its customer.
pub(crate) fn service_of(forms: impl Iterator<Item = SuspensionForm>, paused: bool) -> Service {
    match (forms.reduce(SuspensionForm::stricter), paused) {
        (Some(SuspensionForm::Full), _) => Service::Suspended,
        // Whoever pauses closes the website too.
        (_, true) => Service::Paused,
        (Some(SuspensionForm::BackOffice), false) => Service::Restricted,
        (None, false) => Service::Open,
    }
}

/// What closes a tenant once a change is done.
#[derive(Clone, Debug)]
pub(crate) struct Closure {
    standing: Vec<(SuspensionReason, SuspensionForm)>,
    added: Option<Added>,
    paused: bool,
}

impl Closure {
    /// What closes the tenant now.
    pub(crate) fn of(tenant: &TenantRecord) -> Self {
        let reasons = tenant.suspensions.iter();
        Self {
            standing: reasons
                .map(|suspension| (suspension.reason, suspension.form))
                .collect(),
            added: None,
            paused: tenant.paused_at.is_some(),
        }
    }

    /// The same with one more reason, or with the same reason in another form.
    pub(crate) fn with(mut self, added: Added) -> Self {
        self.standing.retain(|(reason, _)| *reason != added.reason);
        self.standing.push((added.reason, added.form));
        self.added = Some(added);
        self
    }

    /// The same without a reason, or without any. A tenant that nobody suspends loses its pause.
    pub(crate) fn without(mut self, reason: Option<SuspensionReason>) -> Self {
        if self.standing.is_empty() {
            self.paused = false;
        }
        self.standing
            .retain(|(known, _)| reason.is_some_and(|reason| reason != *known));
        self
    }

    /// The same, paused by the customer.
    pub(crate) fn paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// How the tenant is served then.
    pub(crate) fn service(&self) -> Service {
        service_of(self.standing.iter().map(|(_, form)| *form), self.paused)
    }

    /// The tenant's state then.
    pub(crate) fn state(&self) -> TenantState {
        match (self.standing.is_empty(), self.paused) {
            (false, _) => TenantState::Suspended,
            (true, true) => TenantState::Paused,
            (true, false) => TenantState::Active,
        }
    }

    /// What the node is to do, and what becomes true with it.
    pub(crate) fn planned(self, tenant: &TenantRecord) -> Planned {
        let (service, state) = (self.service(), self.state());
        let reasons: Vec<SuspensionReason> = self.standing.iter().map(|(reason, _)| *reason).collect();
        let words: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
        let note = self.added.as_ref().and_then(|added| added.note.clone());
        let reason = match (note, words.is_empty()) {
            (Some(note), _) => note,
            (None, false) => words.join(", "),
            (None, true) => "paused".to_owned(),
        };
        let (id, database) = (tenant.id, tenant.subdomain.database());
        let order = match service {
            Service::Open => Order::ResumeTenant(ResumeTenant { tenant: id, database }),
            service => Order::SuspendTenant(SuspendTenant {
                tenant: id,
                database,
                reason,
                service,
                cause: cause(&reasons),
            }),
        };
        Planned {
            order,
            intent: Intent::Closure {
                state,
                reasons,
                added: self.added,
                paused: self.paused,
            },
        }
    }
}

/// What visitors are told: nothing where paying, or using less, would not open the tenant.
fn cause(reasons: &[SuspensionReason]) -> Option<Cause> {
    let has = |wanted| reasons.contains(&wanted);
    match () {
        () if has(SuspensionReason::Abuse) || has(SuspensionReason::Manual) => None,
        () if has(SuspensionReason::Unpaid) => Some(Cause::Unpaid),
        () if has(SuspensionReason::Expired) => Some(Cause::Expired),
        () if has(SuspensionReason::Quota) => Some(Cause::Quota),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SuspensionReason::{Abuse, Expired, Manual, Quota, Unpaid};

    #[test]
    fn visitors_are_told_what_would_open_the_tenant_and_nothing_of_other_reasons() {
        for (reasons, expected) in [
            (vec![Unpaid], Some(Cause::Unpaid)),
            (vec![Quota], Some(Cause::Quota)),
            (vec![Quota, Unpaid], Some(Cause::Unpaid)),
            (vec![Quota, Expired], Some(Cause::Expired)),
            (vec![Expired, Unpaid], Some(Cause::Unpaid)),
            (vec![Expired, Manual], None),
            (vec![Unpaid, Abuse], None),
            (vec![Manual], None),
            (vec![], None),
        ] {
            assert_eq!(cause(&reasons), expected, "{reasons:?}");
        }
    }
}
