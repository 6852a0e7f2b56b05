//! Suspending: the edge answers first, the database is shut, with a reason that is remembered.

use crate::intent::Intent;
use crate::tenant::order::{Planned, Request};
use crate::{Caller, Control, ControlError};
use domain::{FieldErrors, OperationId, OperationKind, Rule, Subdomain, SuspensionReason};
use wire::node::{Order, SuspendTenant as SuspendOrder};
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
        let mut errors = FieldErrors::default();
        let reason = errors
            .optional("reason", body.reason.as_deref())
            .unwrap_or(SuspensionReason::Manual);
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
        let note = body.note.clone();
        let request = Request {
            name,
            kind: OperationKind::SuspendTenant,
            body: &body,
        };
        self.order(caller, request, |tenant, state| {
            let mut reasons = tenant.suspension_reasons.clone();
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
            let words = note.clone().unwrap_or_else(|| reason.to_string());
            let order = SuspendOrder {
                tenant: tenant.id,
                database: tenant.subdomain.database(),
                reason: words,
            };
            Ok(Planned {
                order: Order::SuspendTenant(order),
                intent: Intent::Suspension { state, reasons, note },
            })
        })
        .await
    }
}
