//! `GET /api/audit`, one entry of it, and the actions that it speaks of.

use super::{title, told};
use crate::App;
use crate::identity::Known;
use crate::input::{Query, Segment};
use crate::openapi::Problems;
use crate::problem::{Answer, Failure};
use axum::Json;
use axum::extract::State;
use domain::audit::{ACTIONS, meaning};
use domain::{Action, Rule};
use std::str::FromStr;
use wire::audit::{AuditActionList, AuditActionView, AuditEntryView, AuditPage, AuditQuery};

/// The identity of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryId(i64);

impl FromStr for EntryId {
    type Err = Rule;
    fn from_str(text: &str) -> Result<Self, Rule> {
        let expected = "a number".to_owned();
        text.parse().map(Self).map_err(|_| Rule::Type { expected })
    }
}

/// Lists what was changed and what was refused, by filter, search and order, page by page. Members of an organization
/// see what is for their organization's eyes.
#[utoipa::path(get, path = "/api/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = AuditPage), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<AuditQuery>,
) -> Answer<Json<AuditPage>> {
    let mut page = app.control.audit_trail(&caller, &query).await?;
    page.items = page.items.into_iter().map(told).collect();
    Ok(Json(page))
}

/// Shows one entry.
#[utoipa::path(get, path = "/api/audit/{id}", tag = "audit", params(("id" = i64, Path)),
    responses((status = 200, body = AuditEntryView), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(EntryId(id)): Segment<EntryId>,
) -> Answer<Json<AuditEntryView>> {
    Ok(Json(told(app.control.audit_entry(&caller, id).await?)))
}

/// Lists every action that the trail speaks of, in words.
#[utoipa::path(get, path = "/api/audit/actions", tag = "audit",
    responses((status = 200, body = AuditActionList), Problems))]
pub(crate) async fn actions(Known(caller): Known) -> Answer<Json<AuditActionList>> {
    caller.reach(Action::ReadAudit).map_err(Failure::from)?;
    let words = ACTIONS.iter().flat_map(|action| action.words());
    let view = |word: String| AuditActionView {
        title: title(&word),
        outcome: meaning(&word)
            .map(|meaning| meaning.outcome.to_string())
            .unwrap_or_default(),
        action: word,
    };
    Ok(Json(AuditActionList {
        items: words.map(view).collect(),
    }))
}
