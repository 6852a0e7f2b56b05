//! `tenantry backup list`.

use super::bytes;
use crate::error::Error;
use crate::options::path_name;
use crate::request::{Answer, Request};
use crate::session::{Reader, Session};
use crate::table::print_table;
use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::BackupState;
use serde_json::{Value, json};
use wire::backups::BackupView;

/// A page without `--limit`.
const USUAL_PAGE: u8 = 50;
/// The largest page that the server gives.
const LARGEST_PAGE: u8 = 200;

/// Which backups, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only of this tenant.
    #[arg(long, value_name = "SUBDOMAIN")]
    pub tenant: Option<String>,
    /// Only in this state.
    #[arg(long, value_parser = PossibleValuesParser::new(BackupState::ALL.iter().map(|state| state.as_str())))]
    pub state: Option<String>,
    /// Only in this store.
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// How many on a page, 1 to 200; 50 without it.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=200))]
    pub limit: Option<u8>,
    /// Go on where a page ended: its last backup.
    #[arg(long, value_name = "BACKUP", value_parser = path_name)]
    pub before: Option<String>,
    /// All pages.
    #[arg(long)]
    pub all: bool,
}

impl List {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let answer = self.page(session, self.before.as_deref()).await?;
        match (session.reader, self.all) {
            (Reader::Machine, false) => Ok(session.terminal.json(&answer.body)?),
            (Reader::Machine, true) => self.print_merged(session, answer).await,
            (Reader::Person, _) => self.print_pages(session, answer).await,
        }
    }

    /// How many are asked for at a time.
    fn size(&self) -> u8 {
        let usual = if self.all { LARGEST_PAGE } else { USUAL_PAGE };
        self.limit.unwrap_or(usual)
    }

    async fn page(&self, session: &Session<'_>, before: Option<&str>) -> Result<Answer, Error> {
        let request = Request::read(&["backups"])
            .query("subdomain", self.tenant.as_ref())
            .query("state", self.state.as_ref())
            .query("store", self.store.as_ref())
            .query("before", before)
            .query("limit", Some(self.size()));
        session.client.send(&request).await
    }

    /// The last of a page that is full: others may come after it.
    fn last<'a, T>(&self, page: &'a [T]) -> Option<&'a T> {
        page.last().filter(|_| page.len() >= usize::from(self.size()))
    }

    /// The next page, when there may be one and it is wanted.
    async fn next(&self, session: &Session<'_>, last: Option<&str>) -> Result<Option<Answer>, Error> {
        match last {
            Some(last) if self.all => self.page(session, Some(last)).await.map(Some),
            _ => Ok(None),
        }
    }

    /// One document of all pages, with every field that the server gave, known here or not.
    async fn print_merged(&self, session: &mut Session<'_>, first: Answer) -> Result<(), Error> {
        let (mut items, mut page) = (Vec::new(), Some(first));
        while let Some(answer) = page {
            let found: Vec<Value> = answer.decode_items()?;
            let last = self.last(&found).and_then(|last| last["id"].as_str());
            page = self.next(session, last).await?;
            items.extend(found);
        }
        Ok(session.terminal.json(&json!({ "items": items }).to_string())?)
    }

    /// A table needs all its rows to know its widths.
    async fn print_pages(&self, session: &mut Session<'_>, first: Answer) -> Result<(), Error> {
        let (mut rows, mut page, mut left) = (Vec::new(), Some(first), None);
        while let Some(answer) = page {
            let found: Vec<BackupView> = answer.decode_items()?;
            rows.extend(found.iter().map(|backup| row(session, backup)));
            left = self.last(&found).map(|last| last.id.clone());
            page = self.next(session, left.as_deref()).await?;
        }
        let shown = rows.len();
        let headings = [
            "BACKUP", "TENANT", "TAKEN", "STATE", "KIND", "STORE", "ADDED", "PROVEN",
        ];
        print_table(session.terminal, &headings, rows, "There are no such backups.")?;
        if let (Some(last), false) = (left, self.all) {
            session.hint(&format!(
                "{shown} are shown. Older ones, if there are any: --before {last}; --all shows every one."
            ))?;
        }
        Ok(())
    }
}

fn row(session: &Session<'_>, backup: &BackupView) -> Vec<String> {
    let content = backup.content.as_ref();
    let proven = backup.proof.as_ref().map(|proof| proof.at);
    vec![
        backup.id.clone(),
        backup.subdomain.clone(),
        session.terminal.time(backup.moment()),
        backup.state.clone(),
        backup.kind.clone(),
        backup.store.clone(),
        content.map_or_else(|| "-".to_owned(), |content| bytes(content.stored_bytes)),
        session.terminal.time_or_dash(proven),
    ]
}
