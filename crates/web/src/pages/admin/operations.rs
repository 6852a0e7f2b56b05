//! `GET /admin/operations` and one of them.

use super::choices::Choices;
use crate::App;
use crate::input::{Query, Segment};
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use crate::words::on_a_page;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control::HistoryQuery;
use domain::{Action, OperationId, OperationKind};
use serde::{Deserialize, Serialize};
use wire::operation::Operation;

/// Which operations.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/operations.html")]
struct OperationsPage {
    v: View,
    asked: Asked,
    kinds: Vec<&'static str>,
    choices: Choices,
    items: Vec<Operation>,
    tabs: Vec<(String, String, bool)>,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/operation.html")]
struct OperationPage {
    v: View,
    /// What the node itself said of a failure, where the page says it otherwise.
    said: Option<String>,
    one: Operation,
    facts: Option<String>,
    parts: Vec<Operation>,
    is_over: bool,
    waits_for_person: bool,
}

fn blank(mut asked: Asked) -> Asked {
    for field in [
        &mut asked.subject,
        &mut asked.kind,
        &mut asked.state,
        &mut asked.node,
        &mut asked.text,
        &mut asked.cursor,
    ] {
        field.take_if(|text| text.trim().is_empty());
    }
    asked
}

fn href(asked: &Asked, change: impl FnOnce(&mut Asked)) -> String {
    let mut asked = asked.clone();
    asked.cursor = None;
    change(&mut asked);
    let query = serde_urlencoded::to_string(&asked).unwrap_or_default();
    format!("/admin/operations?{query}")
}

fn history(asked: &Asked) -> HistoryQuery {
    HistoryQuery {
        subject: asked.subject.clone(),
        kind: asked.kind.clone(),
        state: asked.state.clone(),
        node: asked.node.clone(),
        text: asked.text.clone(),
        cursor: asked.cursor.clone(),
        limit: Some(40),
        ..HistoryQuery::default()
    }
}

/// The page of all.
pub(crate) async fn operations(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let asked = blank(asked);
    let (records, next) = app.control.history(&caller, &history(&asked)).await?;
    let items = on_a_page(app.control.operations_view(&caller, records).await?);
    let choices = Choices::of(&app, &caller).await?;
    let states = ["queued", "running", "failed", "succeeded"];
    let all = (
        href(&asked, |asked| asked.state = None),
        v.tab_all.to_string(),
        asked.state.is_none(),
    );
    let others = states.iter().map(|state| {
        (
            href(&asked, |asked| asked.state = Some((*state).to_owned())),
            v.word("state", state),
            asked.state.as_deref() == Some(*state),
        )
    });
    Ok(page(
        OperationsPage {
            tabs: std::iter::once(all).chain(others).collect(),
            kinds: OperationKind::ALL.iter().map(|kind| kind.as_str()).collect(),
            first: asked.cursor.is_some().then(|| href(&asked, |_| {})),
            next: next.map(|cursor| href(&asked, |asked| asked.cursor = Some(cursor))),
            items,
            choices,
            asked,
            v,
        }
        .render(),
    ))
}

/// The page of one.
pub(crate) async fn operation(
    State(app): State<App>,
    visit: Visit,
    Segment(id): Segment<OperationId>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let one = app.control.show_operation(&caller, id).await?;
    let parts = HistoryQuery {
        parent: Some(one.id.clone()),
        limit: Some(200),
        ..HistoryQuery::default()
    };
    let (parts, _) = app.control.history(&caller, &parts).await?;
    let parts = on_a_page(app.control.operations_view(&caller, parts).await?);
    let said = one.failure.as_ref().map(|failure| failure.detail.clone());
    let one = on_a_page(vec![one]).remove(0);
    Ok(page(
        OperationPage {
            facts: one
                .facts
                .as_ref()
                .filter(|facts| !facts.is_null() && facts.as_object().is_none_or(|map| !map.is_empty()))
                .and_then(|facts| serde_json::to_string_pretty(facts).ok()),
            is_over: matches!(one.state.as_str(), "succeeded" | "failed"),
            waits_for_person: one.next.as_ref().is_some_and(|next| {
                matches!(next.is.as_str(), "needs-person" | "tries-again" | "undoes-again")
            }),
            said: said.filter(|said| {
                one.failure
                    .as_ref()
                    .is_some_and(|failure| failure.detail != *said)
            }),
            one,
            parts,
            v,
        }
        .render(),
    ))
}
