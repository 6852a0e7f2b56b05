//! The history of operations: filtered, searched, page by page.

use crate::{Caller, Control, ControlError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Action, FieldErrors, OperationId, Rule};
use jiff::Timestamp;
use store::{OperationCursor, OperationFilter, OperationRecord};

const LARGEST: i64 = 200;
const LONGEST_TEXT: usize = 100;

/// Which operations, as it was asked.
#[derive(Clone, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each field is the parameter of the same name in the API"
)]
pub struct HistoryQuery {
    pub subject: Option<String>,
    pub parent: Option<String>,
    pub kind: Option<String>,
    pub state: Option<String>,
    pub node: Option<String>,
    pub actor: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub text: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<i64>,
}

impl Control {
    /// A page of the newest operations, and the cursor of the next page.
    ///
    /// # Errors
    /// [`ControlError::Invalid`].
    pub async fn history(
        &self,
        caller: &Caller,
        query: &HistoryQuery,
    ) -> Result<(Vec<OperationRecord>, Option<String>), ControlError> {
        let reach = caller.reach(Action::ReadOperations)?;
        let (filter, limit) = checked(query)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let mut found = scoped.operation_page(&reach, &filter, limit + 1).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more).map(cursor_after);
        Ok((found, next))
    }
}

fn checked(query: &HistoryQuery) -> Result<(OperationFilter, i64), ControlError> {
    let mut errors = FieldErrors::default();
    let limit = query.limit.unwrap_or(50);
    if !(1..=LARGEST).contains(&limit) {
        errors.push("limit", Rule::Range { min: 1, max: LARGEST });
    }
    let time = |field: &str, text: &Option<String>, errors: &mut FieldErrors| {
        let text = text.as_deref()?;
        errors.keep(
            field,
            text.parse::<Timestamp>().map_err(|_| Rule::Type {
                expected: "a time such as 2026-11-29T10:00:00Z".to_owned(),
            }),
        )
    };
    // PostgreSQL's text cannot hold a null character, so nothing is called like that.
    let text = |text: &Option<String>| text.as_deref().map(|text| text.replace('\0', "\u{fffd}"));
    let long = |text: &String| text.chars().count() > LONGEST_TEXT;
    if query.text.as_ref().is_some_and(long) {
        errors.push(
            "text",
            Rule::Length {
                min: 0,
                max: LONGEST_TEXT,
            },
        );
    }
    let filter = OperationFilter {
        subject: text(&query.subject),
        parent: errors.optional("parent", query.parent.as_deref()),
        kind: errors.optional("kind", query.kind.as_deref()),
        state: errors.optional("state", query.state.as_deref()),
        node: errors.optional("node", query.node.as_deref()),
        actor: text(&query.actor),
        from: time("from", &query.from, &mut errors),
        to: time("to", &query.to, &mut errors),
        text: text(&query.text).filter(|text| !text.is_empty()),
        after: query
            .cursor
            .as_deref()
            .and_then(|cursor| errors.keep("cursor", read_cursor(cursor))),
    };
    match errors.is_empty() {
        true => Ok((filter, limit)),
        false => Err(ControlError::fields(errors)),
    }
}

fn cursor_after(last: &OperationRecord) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", last.created_at, last.id))
}

fn read_cursor(text: &str) -> Result<OperationCursor, Rule> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rule::Cursor)?;
    let text = String::from_utf8(bytes).map_err(|_| Rule::Cursor)?;
    let (at, id) = text.split_once(' ').ok_or(Rule::Cursor)?;
    Ok(OperationCursor {
        created_at: at.parse().map_err(|_| Rule::Cursor)?,
        id: id.parse::<OperationId>().map_err(|_| Rule::Cursor)?,
    })
}
