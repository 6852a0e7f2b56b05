//! `GET /admin/backups` and one of them: whether every tenant has a fresh one, what is in them, where they are kept.

use super::choices::Choices;
use crate::App;
use crate::input::{Query, Segment};
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use crate::words::{told_backups, told_health};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control::BackupQuery;
use domain::{Action, BackupId, BackupState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wire::backups::{BackupHealth, BackupView, StoreView};

const PAGE: i64 = 40;
/// The rules by which backups stay, and what a new store begins with.
pub(crate) const RULES: [(&str, u16); 5] = [
    ("last", 1),
    ("days", 7),
    ("weeks", 4),
    ("months", 3),
    ("years", 0),
];

/// Which backups.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    subdomain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/backups.html")]
struct BackupsPage {
    v: View,
    asked: Asked,
    items: Vec<BackupView>,
    health: BackupHealth,
    stores: Vec<StoreView>,
    states: Vec<&'static str>,
    choices: Choices,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/backup.html")]
struct BackupPage {
    v: View,
    b: BackupView,
    choices: Choices,
}

fn href(asked: &Asked, before: Option<String>) -> String {
    let asked = Asked {
        before,
        ..asked.clone()
    };
    let query = serde_urlencoded::to_string(&asked).unwrap_or_default();
    format!("/admin/backups?{query}")
}

/// The page of all.
pub(crate) async fn backups(
    State(app): State<App>,
    visit: Visit,
    Query(mut asked): Query<Asked>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    for field in [&mut asked.subdomain, &mut asked.state, &mut asked.store] {
        field.take_if(|text| text.trim().is_empty());
    }
    let query = BackupQuery {
        subdomain: asked.subdomain.clone(),
        state: asked.state.clone(),
        store: asked.store.clone(),
        before: asked.before.clone(),
        limit: Some(PAGE + 1),
    };
    let (items, health, stores) = tokio::try_join!(
        app.control.backups(&caller, &query),
        app.control.backup_health(&caller),
        app.control.backup_stores(&caller),
    )?;
    let (items, health) = (told_backups(items), told_health(health));
    let choices = Choices::of(&app, &caller).await?;
    let (items, next) = cut(items, PAGE);
    Ok(page(
        BackupsPage {
            first: asked.before.is_some().then(|| href(&asked, None)),
            next: next.map(|last| href(&asked, Some(last))),
            states: BackupState::ALL.iter().map(|state| state.as_str()).collect(),
            choices,
            asked,
            items,
            health,
            stores,
            v,
        }
        .render(),
    ))
}

/// The first so many, and the last of them if there are more.
fn cut(mut items: Vec<BackupView>, most: i64) -> (Vec<BackupView>, Option<String>) {
    let most = usize::try_from(most).unwrap_or_default();
    let is_more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| is_more).map(|last| last.id.clone());
    (items, next)
}

/// The page of one.
pub(crate) async fn backup(
    State(app): State<App>,
    visit: Visit,
    Segment(id): Segment<BackupId>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let b = told_backups(vec![app.control.backup(&caller, id).await?]).remove(0);
    let choices = Choices::of(&app, &caller).await?;
    Ok(page(BackupPage { v, b, choices }.render()))
}

/// What dialogs need to know of a backup.
pub(crate) fn backup_values(v: &View, b: &BackupView) -> String {
    json!({
        "id": b.id, "subdomain": b.subdomain, "state": b.state, "held": b.held,
        "taken": v.moment_text(&b.moment()), "store": b.store,
    })
    .to_string()
}

/// What the dialog of a store needs to know. Its secret is not among what is shown of it.
pub(crate) fn store_values(s: &StoreView) -> String {
    serde_json::to_string(s).unwrap_or_default()
}
