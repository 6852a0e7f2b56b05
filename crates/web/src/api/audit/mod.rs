//! `/api/audit`

pub(crate) mod chain;
pub(crate) mod export;
pub(crate) mod list;

use crate::language::Language;
use control::audit_title_of;
use domain::audit::AuditMeaning;
use wire::audit::AuditEntryView;

/// What an action was, in the caller's language.
fn title(action: &str) -> String {
    match Language::current() {
        Language::English => audit_title_of(action, AuditMeaning::english),
        Language::Spanish => audit_title_of(action, AuditMeaning::spanish),
    }
}

/// The entry, its title in the caller's language.
pub(crate) fn told(mut entry: AuditEntryView) -> AuditEntryView {
    entry.title = title(&entry.action);
    entry
}
