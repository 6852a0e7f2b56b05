//! Support access: staff inside a customer's tenant, for a reason and a time, with the customer's leave.

use crate::operation::word_enum;
use crate::{rule::Rule, text::checked_text};
use std::{fmt, str::FromStr};
use thiserror::Error;

word_enum!(
    /// Where a support access stands.
    SupportState {
        /// Asked for; the customer has not decided.
        Requested = "requested",
        /// Allowed; nobody has entered.
        Approved = "approved",
        /// Not allowed.
        Refused = "refused",
        /// Somebody entered; its time runs.
        Open = "open",
        /// Given back by whoever asked for it, or over with the tenant.
        Ended = "ended",
        /// Its time is over.
        Expired = "expired",
        /// Taken away.
        Revoked = "revoked",
    }
);

word_enum!(
    /// What an organization wants of support accesses to its tenants.
    SupportWish {
        /// They need nobody's leave; the organization sees them.
        Open = "open",
        /// An owner or admin of the organization decides about each.
        Approval = "approval",
        /// There are none.
        Never = "never",
    }
);

word_enum!(
    /// What can become of a support access.
    SupportMove {
        /// It is allowed.
        Approve = "approve",
        /// It is not allowed.
        Refuse = "refuse",
        /// Whoever asked for it enters.
        Enter = "enter",
        /// It is given back.
        End = "end",
        /// Its time is over.
        Expire = "expire",
        /// It is taken away.
        Revoke = "revoke",
    }
);

checked_text!(
    /// Why somebody wants to enter: 5 to 500 characters that a customer can read.
    SupportReason, check_reason
);

fn check_reason(text: &str) -> Result<String, Rule> {
    let text = text.trim();
    if !(5..=500).contains(&text.chars().count()) {
        return Err(Rule::Length { min: 5, max: 500 });
    }
    if text.chars().any(char::is_control) {
        return Err(Rule::Control);
    }
    Ok(text.to_owned())
}

/// The move is not possible from this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a support access that is {from} cannot {wanted}")]
pub struct SupportMoveRefused {
    /// The state in which it is.
    pub from: SupportState,
    /// The move that was wanted.
    pub wanted: SupportMove,
}

impl SupportState {
    /// The state after a move.
    ///
    /// # Errors
    /// [`SupportMoveRefused`] when the move makes no sense in this state.
    pub const fn after(self, wanted: SupportMove) -> Result<Self, SupportMoveRefused> {
        use SupportMove as M;
        match (self, wanted) {
            (Self::Requested, M::Approve) => Ok(Self::Approved),
            (Self::Requested, M::Refuse) => Ok(Self::Refused),
            (Self::Approved | Self::Open, M::Enter) => Ok(Self::Open),
            (Self::Requested | Self::Approved | Self::Open, M::End) => Ok(Self::Ended),
            (Self::Requested | Self::Approved | Self::Open, M::Expire) => Ok(Self::Expired),
            (Self::Requested | Self::Approved | Self::Open, M::Revoke) => Ok(Self::Revoked),
            (from, wanted) => Err(SupportMoveRefused { from, wanted }),
        }
    }

    /// Whether somebody may still come in with it, now or once it is allowed.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Requested | Self::Approved | Self::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_moves_is_as_reviewed() {
        let mut table = String::new();
        for state in SupportState::ALL {
            for wanted in SupportMove::ALL {
                if let Ok(after) = state.after(*wanted) {
                    table.push_str(&format!("{state} --{wanted}--> {after}\n"));
                }
            }
        }
        assert_eq!(
            table,
            "requested --approve--> approved\nrequested --refuse--> refused\nrequested --end--> ended\n\
             requested --expire--> expired\nrequested --revoke--> revoked\napproved --enter--> open\n\
             approved --end--> ended\napproved --expire--> expired\napproved --revoke--> revoked\n\
             open --enter--> open\nopen --end--> ended\nopen --expire--> expired\nopen --revoke--> revoked\n"
        );
    }

    #[test]
    fn what_is_over_stays_over() {
        for state in SupportState::ALL.iter().filter(|state| !state.is_live()) {
            for wanted in SupportMove::ALL {
                assert!(state.after(*wanted).is_err(), "{state} {wanted}");
            }
        }
    }

    #[test]
    fn a_reason_is_something_that_can_be_read() {
        assert!("".parse::<SupportReason>().is_err() && "  x  ".parse::<SupportReason>().is_err());
        assert_eq!("invoice\n2041".parse::<SupportReason>(), Err(Rule::Control));
        assert!(
            "Factura 2041: no cuadra el ñandú"
                .parse::<SupportReason>()
                .is_ok()
        );
    }
}
