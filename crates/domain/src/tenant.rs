//! A tenant's states and the moves between them.

use crate::operation::{OperationKind, word_enum};
use crate::rule::Rule;
use std::{fmt, str::FromStr};
use thiserror::Error;

word_enum!(
    /// Where a tenant stands. The subscription's state is another thing.
    TenantState {
        /// Being made; nobody can use it yet.
        Provisioning = "provisioning",
        /// In use.
        Active = "active",
        /// Closed by the customer's own choice.
        Paused = "paused",
        /// Closed by the operator, with reasons.
        Suspended = "suspended",
        /// The contract ended; the data are still there.
        Cancelled = "cancelled",
        /// A tombstone: gated, renamed, kept for a while, its name reserved.
        Deleted = "deleted",
        /// Something went wrong that needs a person.
        Failed = "failed",
    }
);

word_enum!(
    /// Why a tenant is suspended.
    SuspensionReason {
        /// The bill was not paid.
        Unpaid = "unpaid",
        /// The operator decided it.
        Manual = "manual",
        /// It harmed others.
        Abuse = "abuse",
        /// It uses more than its plan holds.
        Quota = "quota",
        /// Its time has ended. Only the clock says so.
        Expired = "expired",
    }
);

impl SuspensionReason {
    /// Those that a person may give. That its time has ended follows from when it ends.
    pub const BY_HAND: &[Self] = &[Self::Unpaid, Self::Manual, Self::Abuse, Self::Quota];
}

word_enum!(
    /// How much of a tenant a suspension closes.
    SuspensionForm {
        /// Everything: visitors, users, scheduled work.
        Full = "full",
        /// Logging in and the back office; the public website stays open.
        BackOffice = "back-office",
    }
);

impl SuspensionForm {
    /// The form that holds where several stand: whoever closes everything wins.
    pub const fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::BackOffice, Self::BackOffice) => Self::BackOffice,
            _ => Self::Full,
        }
    }
}

/// The move is not possible from this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a tenant that is {from} cannot do {operation}")]
pub struct MoveRefused {
    /// The state in which the tenant is.
    pub from: TenantState,
    /// The operation that was wanted.
    pub operation: OperationKind,
}

impl TenantState {
    /// The state after `operation` has succeeded, if it may begin in this state.
    ///
    /// # Errors
    /// [`MoveRefused`] when the operation makes no sense in this state.
    pub fn after(self, operation: OperationKind) -> Result<Self, MoveRefused> {
        use OperationKind as O;
        match (self, operation) {
            (Self::Provisioning, O::CreateTenant | O::AdoptTenant) => Ok(Self::Active),
            (
                Self::Active | Self::Paused | Self::Suspended | Self::Cancelled,
                O::SetPassword | O::SetEmail | O::CheckTenant,
            ) => Ok(self),
            (
                Self::Active | Self::Paused | Self::Suspended,
                O::MendTenant | O::MoveTenant | O::RestoreTenant,
            )
            | (Self::Active, O::RenameTenant) => Ok(self),
            (Self::Active | Self::Paused | Self::Suspended, O::SuspendTenant) => Ok(Self::Suspended),
            (Self::Active | Self::Paused, O::PauseTenant) => Ok(Self::Paused),
            (Self::Suspended | Self::Paused | Self::Active, O::ResumeTenant) => Ok(Self::Active),
            (Self::Active | Self::Paused | Self::Suspended | Self::Cancelled, O::DeleteTenant) => {
                Ok(Self::Deleted)
            }
            (Self::Deleted, O::UndeleteTenant) => Ok(Self::Active),
            (Self::Deleted, O::PurgeTenant) => Ok(self),
            (Self::Active, O::EnterTenant) => Ok(self),
            // Also while nobody could come in anyway: what is over must not begin again when the tenant opens.
            (
                Self::Active | Self::Paused | Self::Suspended | Self::Cancelled | Self::Deleted,
                O::EndSupport,
            ) => Ok(self),
            (from, operation) => Err(MoveRefused { from, operation }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table as text, so that a changed move is seen in review.
    #[test]
    fn table_of_moves_is_as_reviewed() {
        let mut table = String::new();
        for state in TenantState::ALL {
            for operation in OperationKind::ALL {
                if let Ok(after) = state.after(*operation) {
                    table.push_str(&format!("{state} --{operation}--> {after}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("../tests/moves.txt"));
    }
}
