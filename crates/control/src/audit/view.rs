//! Entries as the API shows them: whole to the staff, and to an organization's members what concerns them.

use domain::audit::{self, AuditMeaning};
use store::{AuditRecord, Sealed};
use wire::audit::{AuditEntryView, AuditSeal};

/// Whose eyes it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Eyes {
    /// The staff's.
    Staff,
    /// Customers': the staff's addresses and the inner workings stay out.
    Customer,
}

/// What a word of the trail means, in words that `pick` chooses from the meaning; the word itself if it means nothing.
pub fn audit_title_of(action: &str, pick: impl Fn(&AuditMeaning) -> String) -> String {
    audit::meaning(action).map_or_else(|| action.to_owned(), |meaning| pick(&meaning))
}

pub(super) fn entry_view(record: AuditRecord, eyes: Eyes) -> AuditEntryView {
    let by_customer = record
        .role
        .as_deref()
        .is_some_and(|role| role.starts_with("organization:"));
    let open = eyes == Eyes::Staff || by_customer;
    let side = |name: &str| record.detail.get(name).filter(|value| !value.is_null()).cloned();
    AuditEntryView {
        id: record.id,
        at: record.at,
        title: audit_title_of(&record.action, AuditMeaning::english),
        outcome: record.outcome.to_string(),
        before: side("before"),
        after: side("after"),
        detail: Some(record.detail.clone())
            .filter(|detail| open && detail.as_object().is_none_or(|one| !one.is_empty())),
        action: record.action,
        subject: record.subject,
        actor: record.actor,
        role: record.role,
        organization: record.organization.map(|id| id.to_string()),
        tenant: record.tenant.map(|id| id.to_string()),
        operation: record.operation.map(|id| id.to_string()),
        request_id: record.request_id,
        address: record.address.filter(|_| open),
        reason: record.reason,
        sealed: record.sealed.map(seal_view),
    }
}

fn seal_view(sealed: Sealed) -> AuditSeal {
    AuditSeal {
        day: sealed.day.to_string(),
        number: sealed.number,
        hash: sealed.hash.to_string(),
    }
}
