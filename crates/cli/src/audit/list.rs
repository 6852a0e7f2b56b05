//! `tenantry audit list`, `show` and `actions`.

use super::{Span, Which};
use crate::error::Error;
use crate::options::path_name;
use crate::request::{Answer, Request};
use crate::session::{Reader, Session};
use crate::table::{print_facts, print_table};
use clap::Args;
use serde_json::{Value, json};
use wire::audit::{AuditActionList, AuditEntryView, AuditPage};

/// The largest page that the server gives.
const LARGEST_PAGE: u8 = 200;

/// Which entries, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Which.
    #[command(flatten)]
    pub which: Which,
    /// From when to when.
    #[command(flatten)]
    pub span: Span,
    /// How many on a page, 1 to 200; 50 without it.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=200))]
    pub limit: Option<u8>,
    /// Go on where a page ended: its `next_cursor`.
    #[arg(long)]
    pub cursor: Option<String>,
    /// All pages.
    #[arg(long)]
    pub all: bool,
}

/// Which entry.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// Its number.
    #[arg(value_name = "ENTRY", value_parser = path_name)]
    pub id: String,
}

/// A request for the entries that are wanted.
pub(super) fn asking(path: &[&str], which: &Which, span: &Span) -> Request {
    Request::read(path)
        .query("action", which.action.as_ref())
        .query("actor", which.actor.as_ref())
        .query("subject", which.subject.as_ref())
        .query("tenant", which.tenant.as_ref())
        .query("organization", which.organization.as_ref())
        .query("address", which.address.as_ref())
        .query("outcome", which.outcome.as_ref())
        .query("operation", which.operation.as_ref())
        .query("search", which.search.as_ref())
        .query("sort", which.sort.as_ref())
        .query("from", span.from.as_ref())
        .query("to", span.to.as_ref())
}

impl List {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = self.page(session, self.cursor.as_deref()).await?;
        if session.reader == Reader::Machine {
            return match self.all {
                true => self.print_merged(session, answer).await,
                false => Ok(session.terminal.json(&answer.body)?),
            };
        }
        let (mut rows, mut page) = (Vec::new(), Some(answer));
        let mut left = None;
        while let Some(answer) = page {
            let found: AuditPage = answer.decode()?;
            rows.extend(found.items.iter().map(|entry| row(session, entry)));
            left = found.next_cursor.as_ref().map(|_| match found.total_is_exact {
                true => found.total.to_string(),
                false => format!("more than {}", found.total),
            });
            page = self.next(session, found.next_cursor.as_deref()).await?;
        }
        let shown = rows.len();
        let headings = ["Entry", "When", "What", "Of", "By", "As", "From", "Outcome"];
        print_table(session.terminal, &headings, rows, "No entries.")?;
        if let (Some(total), false) = (left, self.all) {
            session.hint(&format!("{shown} of {total}; --all shows the others too."))?;
        }
        Ok(())
    }

    async fn page(&self, session: &Session<'_>, cursor: Option<&str>) -> Result<Answer, Error> {
        let limit = self.limit.or(self.all.then_some(LARGEST_PAGE));
        let request = asking(&["audit"], &self.which, &self.span)
            .query("limit", limit)
            .query("cursor", cursor);
        session.client.send(&request).await
    }

    /// The next page, when there is one and it is wanted.
    async fn next(&self, session: &Session<'_>, cursor: Option<&str>) -> Result<Option<Answer>, Error> {
        match cursor {
            Some(cursor) if self.all => self.page(session, Some(cursor)).await.map(Some),
            _ => Ok(None),
        }
    }

    /// One document of all pages, with every field that the server gave, known here or not.
    async fn print_merged(&self, session: &mut Session<'_>, first: Answer) -> Result<(), Error> {
        let mut items = Vec::new();
        let mut page = Some(first);
        while let Some(answer) = page {
            let mut document: Value = answer.decode()?;
            match document["items"].take() {
                Value::Array(found) => items.extend(found),
                _ => return Err(answer.foreign("a page without items")),
            }
            page = self.next(session, document["next_cursor"].as_str()).await?;
        }
        let total = items.len();
        let document = json!({ "items": items, "total": total, "total_is_exact": self.cursor.is_none(), "next_cursor": null });
        Ok(session.terminal.json(&document.to_string())?)
    }
}

fn row(session: &Session<'_>, entry: &AuditEntryView) -> Vec<String> {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    vec![
        entry.id.to_string(),
        session.terminal.time(entry.at),
        entry.title.clone(),
        entry.subject.clone(),
        entry.actor.clone(),
        or_dash(&entry.role),
        or_dash(&entry.address),
        entry.outcome.clone(),
    ]
}

impl Show {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = session.read(&["audit", &self.id]).await?;
        if session.reader == Reader::Machine {
            return Ok(session.terminal.json(&answer.body)?);
        }
        let entry: AuditEntryView = answer.decode()?;
        let json = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
        let sealed = entry.sealed.as_ref().map_or_else(
            || "not yet".to_owned(),
            |seal| format!("{} as number {}, {}", seal.day, seal.number, seal.hash),
        );
        let facts = [
            ("Entry", Some(entry.id.to_string())),
            ("When", Some(entry.at.to_string())),
            ("What", Some(format!("{} ({})", entry.title, entry.action))),
            ("Of", Some(entry.subject.clone())),
            ("Outcome", Some(entry.outcome.clone())),
            ("By", Some(entry.actor.clone())),
            ("As", entry.role.clone()),
            ("From", entry.address.clone()),
            ("Why", entry.reason.clone()),
            ("Before", json(&entry.before)),
            ("After", json(&entry.after)),
            ("Detail", json(&entry.detail)),
            ("Tenant", entry.tenant.clone()),
            ("Operation", entry.operation.clone()),
            ("Request", entry.request_id.clone()),
            (
                "Seen by",
                Some(entry.organization.clone().unwrap_or_else(|| "staff".to_owned())),
            ),
            ("Sealed", Some(sealed)),
        ];
        Ok(print_facts(session.terminal, &facts)?)
    }
}

pub(super) async fn actions(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["audit", "actions"]).await?;
    let known: AuditActionList = answer.decode()?;
    let rows = known
        .items
        .into_iter()
        .map(|one| vec![one.action, one.title, one.outcome]);
    session.print_rows(
        &answer,
        &["Action", "What", "Outcome"],
        rows.collect(),
        "No actions.",
    )
}
