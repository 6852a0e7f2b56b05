//! The audit trail as comma-separated values, piece by piece, so that its length does not matter.

use super::list::{Asked, cursor_after};
use super::view::{Eyes, entry_view};
use crate::{Caller, Control, ControlError};
use domain::{Action, Reach, csv};
use store::Behalf;
use wire::audit::{AuditEntryView, AuditQuery};

/// How many entries a piece holds.
const PIECE: i64 = 1000;

const COLUMNS: [&str; 18] = [
    "id",
    "at",
    "action",
    "title",
    "outcome",
    "subject",
    "actor",
    "role",
    "organization",
    "tenant",
    "operation",
    "request_id",
    "address",
    "reason",
    "before",
    "after",
    "detail",
    "hash",
];

/// An export under way.
pub struct Export {
    control: Control,
    behalf: Behalf,
    eyes: Eyes,
    reach: Reach,
    asked: Asked,
    title: fn(&AuditEntryView) -> String,
    has_ended: bool,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Export").finish_non_exhaustive()
    }
}

impl Control {
    /// Begins an export of the entries that the caller may see and asks for; `title` says what each was, in a language.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for a query that makes no sense.
    pub fn export_audit(
        &self,
        caller: &Caller,
        query: &AuditQuery,
        title: fn(&AuditEntryView) -> String,
    ) -> Result<Export, ControlError> {
        Ok(Export {
            control: self.clone(),
            behalf: caller.actor(),
            eyes: caller.eyes(),
            reach: caller.reach(Action::ExportAudit)?,
            asked: Asked::of(query, caller.eyes())?,
            title,
            has_ended: false,
        })
    }
}

impl Export {
    /// The line above all others.
    pub fn head() -> String {
        csv::line(COLUMNS)
    }

    /// The next piece; nothing at the end.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn next(&mut self) -> Result<Option<String>, ControlError> {
        if self.has_ended {
            return Ok(None);
        }
        let Asked {
            filter, sort, cursor, ..
        } = &self.asked;
        let scoped = self.control.store.on_behalf_of(self.behalf.clone());
        let records = scoped
            .audit_entries(&self.reach, filter, *sort, cursor.as_ref(), PIECE)
            .await?;
        self.has_ended = i64::try_from(records.len()).is_ok_and(|found| found < PIECE);
        self.asked.cursor = records.last().map(|last| cursor_after(last, self.asked.sort.0));
        let lines = records.into_iter().map(|record| {
            let mut view = entry_view(record, self.eyes);
            view.title = (self.title)(&view);
            line(&view)
        });
        Ok(Some(lines.collect()))
    }
}

fn line(view: &AuditEntryView) -> String {
    let json =
        |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        view.id.to_string(),
        view.at.to_string(),
        view.action.clone(),
        view.title.clone(),
        view.outcome.clone(),
        view.subject.clone(),
        view.actor.clone(),
        text(&view.role),
        text(&view.organization),
        text(&view.tenant),
        text(&view.operation),
        text(&view.request_id),
        text(&view.address),
        text(&view.reason),
        json(&view.before),
        json(&view.after),
        json(&view.detail),
        view.sealed
            .as_ref()
            .map(|seal| seal.hash.clone())
            .unwrap_or_default(),
    ];
    csv::line(cells.iter().map(String::as_str))
}
