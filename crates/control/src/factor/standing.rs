//! What somebody has shown, what is still wanted of them, and how their second factors stand.

use crate::live::Demand;
use crate::{Caller, Control, ControlError};
use domain::{Assurance, Duty, Factors, Freshness, Method, StaffRole};
use store::{LiveSession, OpenedBy};
use wire::factor::FactorStatus;

impl Control {
    /// Whether somebody with these factors has to set one up.
    pub(crate) fn duty(&self, staff: Option<StaffRole>, factors: Factors) -> Duty {
        match self.wanted(staff, factors) && !factors.any() {
            true => Duty::Enrol,
            false => Duty::Done,
        }
    }

    /// Whether a second factor is wanted of somebody.
    pub(super) fn wanted(&self, staff: Option<StaffRole>, factors: Factors) -> bool {
        let of_staff = staff.is_some() && self.live().staff_factor == Demand::Required;
        of_staff || factors.wanted_by_organization
    }

    /// What a session's person has shown. What a provider opened, the provider vouches for: it looked as strongly as it
    /// is told to, and looks again when its person signs in there again.
    pub(crate) fn assurance(&self, session: &LiveSession) -> Assurance {
        let duty = match session.opened_by {
            OpenedBy::Ourselves => self.duty(session.who.staff, session.factors),
            OpenedBy::Provider | OpenedBy::ProviderOfOrganization => Duty::Done,
        };
        let fresh = session.authenticated_at + self.live().fresh > self.world.now();
        Assurance {
            duty,
            freshness: match fresh {
                true => Freshness::Fresh,
                false => Freshness::Stale,
            },
            serving: serving(session.opened_by, session.factors),
        }
    }

    /// How the caller's second factors stand.
    ///
    /// # Errors
    /// [`ControlError::Forbidden`] for keys.
    pub async fn factor_status(&self, caller: &Caller) -> Result<FactorStatus, ControlError> {
        let own = caller.own_account()?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let factors = scoped.factors(own.person).await?;
        Ok(FactorStatus {
            enabled: factors.totp,
            remaining_backup_codes: factors.recovery_left,
            passkeys: factors.passkeys,
            required: self.wanted(own.staff, factors),
            passkeys_available: self.webauthn().is_ok(),
        })
    }
}

/// With what a session's person can prove anew who they are.
fn serving(opened_by: OpenedBy, factors: Factors) -> Vec<Method> {
    match opened_by {
        OpenedBy::Ourselves => factors.serving(),
        OpenedBy::Provider if factors.any() => {
            let own = factors.serving().into_iter();
            own.chain([Method::Provider]).collect()
        }
        OpenedBy::Provider | OpenedBy::ProviderOfOrganization => vec![Method::Provider],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_proves_nothing_in_a_session_that_a_provider_opened() {
        let both = Factors {
            totp: true,
            recovery_left: 1,
            ..Factors::default()
        };
        let by = |opened_by, factors| serving(opened_by, factors);
        assert_eq!(by(OpenedBy::Ourselves, Factors::default()), [Method::Password]);
        assert_eq!(by(OpenedBy::Provider, Factors::default()), [Method::Provider]);
        assert_eq!(
            by(OpenedBy::Provider, both),
            [Method::Totp, Method::Recovery, Method::Provider]
        );
        assert_eq!(by(OpenedBy::ProviderOfOrganization, both), [Method::Provider]);
    }
}
