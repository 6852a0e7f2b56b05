//! `GET /admin/activity`: what was done and refused, by whom, from where.

use crate::App;
use crate::input::Query;
use crate::language::Language;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control::audit_title_of;
use domain::Action;
use domain::audit::{ACTIONS, AuditMeaning};
use wire::audit::{AuditEntryView, AuditPage, AuditQuery};

const PATH: &str = "/admin/activity";
const EXPORT: &str = "/api/audit/export";

#[derive(Template)]
#[template(path = "admin/activity.html")]
struct ActivityPage {
    v: View,
    query: AuditQuery,
    page: AuditPage,
    actions: Vec<(String, String)>,
    first: Option<String>,
    next: Option<String>,
    export: String,
}

fn asked(mut query: AuditQuery) -> AuditQuery {
    for field in [
        &mut query.action,
        &mut query.actor,
        &mut query.subject,
        &mut query.tenant,
        &mut query.organization,
        &mut query.address,
        &mut query.outcome,
        &mut query.operation,
        &mut query.from,
        &mut query.to,
        &mut query.search,
        &mut query.sort,
        &mut query.cursor,
    ] {
        field.take_if(|text| text.trim().is_empty());
    }
    query
}

fn href(path: &str, query: &AuditQuery, cursor: Option<String>) -> String {
    let query = AuditQuery {
        cursor,
        ..query.clone()
    };
    let text = serde_urlencoded::to_string(&query).unwrap_or_default();
    format!("{path}?{text}")
}

/// Every action of the trail in words, as one may filter by it.
fn actions() -> Vec<(String, String)> {
    let title = |word: &str| match Language::current() {
        Language::English => audit_title_of(word, AuditMeaning::english),
        Language::Spanish => audit_title_of(word, AuditMeaning::spanish),
    };
    let words = ACTIONS.iter().flat_map(|action| action.words());
    let mut list: Vec<(String, String)> = words.map(|word| (title(&word), word)).collect();
    list.sort();
    list.into_iter().map(|(title, word)| (word, title)).collect()
}

/// The page.
pub(crate) async fn activity(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<AuditQuery>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let query = asked(query);
    let mut found = app.control.audit_trail(&caller, &query).await?;
    found.items = found.items.into_iter().map(crate::api::audit::told).collect();
    let next = found.next_cursor.take();
    Ok(page(
        ActivityPage {
            actions: actions(),
            first: query.cursor.is_some().then(|| href(PATH, &query, None)),
            next: next.map(|cursor| href(PATH, &query, Some(cursor))),
            export: href(EXPORT, &query, None),
            page: found,
            query,
            v,
        }
        .render(),
    ))
}

impl ActivityPage {
    /// What an entry says beside its title, as lines of a person's reading.
    fn more(&self, entry: &AuditEntryView) -> Option<String> {
        let parts = [&entry.before, &entry.after, &entry.detail];
        let there = parts.into_iter().flatten();
        let texts: Vec<String> = there
            .filter(|value| value.as_object().is_none_or(|map| !map.is_empty()))
            .filter_map(|value| serde_json::to_string_pretty(value).ok())
            .collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }
}
