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
use control::{BackupQuery, Caller};
use domain::{Action, BackupId, BackupState, Subdomain};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wire::backups::{BackupHealth, BackupSchedule, BackupScheduleView, BackupView, StoreView};
use wire::export::DownloadView;
use wire::tenant::Tenant;

const PAGE: i64 = 40;
/// Links to downloads on a tenant's page, and among how many of the newest they are looked for.
const LINKS: usize = 10;
const NEWEST_LINKS: i64 = 50;
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

/// How a tenant's backups stand.
pub(crate) struct Guard {
    /// The newest ones.
    pub(crate) newest: Vec<BackupView>,
    /// When the newest that is whole was begun: what came later would be lost.
    pub(crate) point: Option<jiff::Timestamp>,
    /// When one was last restored for proof, how long that took, and when that one was begun.
    pub(crate) proven: Option<(jiff::Timestamp, u64, jiff::Timestamp)>,
    /// When they are taken by the clock.
    pub(crate) schedule: BackupScheduleView,
    /// The newest links to downloads that work, or that somebody came with.
    pub(crate) links: Vec<DownloadView>,
}

impl Guard {
    /// Of this tenant, as far as the caller may see; nothing for whoever may see none.
    pub(crate) async fn of(app: &App, caller: &Caller, t: &Tenant, limit: usize) -> Answer<Option<Self>> {
        if caller.reach(Action::ReadBackups).is_err() {
            return Ok(None);
        }
        let query = BackupQuery {
            subdomain: Some(t.subdomain.clone()),
            limit: Some(100),
            ..BackupQuery::default()
        };
        let name: Subdomain = t
            .subdomain
            .parse()
            .map_err(|_| control::ControlError::NotFound("tenant"))?;
        let (found, schedule, links) = tokio::try_join!(
            app.control.backups(caller, &query),
            app.control.backup_schedule(caller, &name),
            app.control
                .downloads(caller, Some(&t.subdomain), Some(NEWEST_LINKS)),
        )?;
        let mut newest = told_backups(found);
        // Another tenant may have had the name before.
        newest.retain(|one| one.tenant == t.id);
        let point = newest
            .iter()
            .find(|one| one.state == "kept")
            .map(|one| one.begun_at);
        let restored = newest.iter().filter_map(|one| {
            let proof = one.proof.as_ref().filter(|proof| proof.restored)?;
            Some((proof.at, proof.milliseconds, one.begun_at))
        });
        let proven = restored.max_by_key(|(at, ..)| *at);
        newest.retain(|one| one.state != "forgotten");
        newest.truncate(limit);
        Ok(Some(Self {
            newest,
            point,
            proven,
            schedule,
            links: links
                .into_iter()
                .filter(|link| is_shown(link, t))
                .take(LINKS)
                .collect(),
        }))
    }

    /// What the dialog of its schedule needs to know.
    pub(crate) fn schedule_values(&self, t: &Tenant) -> String {
        let BackupSchedule {
            every_hours,
            opens_hour,
        } = self.schedule.own;
        json!({ "subdomain": t.subdomain, "company": t.company_name, "every_hours": every_hours, "opens_hour": opens_hour })
            .to_string()
    }
}

/// Whether a page of this tenant shows the link: while it works, or once somebody came with it.
fn is_shown(link: &DownloadView, t: &Tenant) -> bool {
    let works = matches!(link.state.as_str(), "preparing" | "ready");
    link.tenant == t.id && (works || !link.fetches.is_empty())
}

/// What dialogs need to know of a backup.
pub(crate) fn backup_values(v: &View, b: &BackupView) -> String {
    json!({
        "id": b.id, "subdomain": b.subdomain, "state": b.state, "held": b.held,
        "taken": v.moment_text(&b.begun_at), "store": b.store,
    })
    .to_string()
}

/// What the dialog of a store needs to know. Its secret is not among what is shown of it.
pub(crate) fn store_values(s: &StoreView) -> String {
    serde_json::to_string(s).unwrap_or_default()
}
