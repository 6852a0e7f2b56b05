//! `GET /admin/dashboard`: how everything stands.

use super::choices::Choices;
use crate::App;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::{Answer, Failure};
use crate::words::{on_a_page, told_health};
use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use control::{Caller, Counted, HistoryQuery, Overview};
use domain::Action;
use jiff::SignedDuration;
use wire::apikey::NodeDetail;
use wire::audit::{AuditEntryView, AuditQuery};
use wire::backups::BackupHealth;
use wire::database::TotalSizeView;
use wire::operation::Operation;

#[derive(Template)]
#[template(path = "admin/dashboard.html")]
struct Dashboard {
    v: View,
    overview: Overview,
    sizes: TotalSizeView,
    choices: Choices,
    active: i64,
    paused: i64,
    suspended: i64,
    open: i64,
    ready: u64,
    wanted: u64,
    groups: Vec<Group>,
    entries: Vec<AuditEntryView>,
    failed: Vec<Operation>,
    nodes: Vec<NodeDetail>,
    health: BackupHealth,
}

/// What is counted by one property.
struct Group {
    title: String,
    lines: Vec<Line>,
}

struct Line {
    href: String,
    word: String,
    count: i64,
}

/// `GET /admin`: the panel begins with the dashboard.
pub(crate) async fn to_dashboard(visit: Visit) -> Answer<Redirect> {
    visit.caller.require(Action::ReadPanel)?;
    Ok(Redirect::to("/admin/dashboard"))
}

/// The page.
pub(crate) async fn dashboard(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    let overview = async { Ok(app.control.overview(&caller).await?) };
    let health = async { Ok(told_health(app.control.backup_health(&caller).await?)) };
    let sizes = async { Ok(app.control.total_size(&caller).await?) };
    let (overview, health, mut sizes, choices, entries, failed) = tokio::try_join!(
        overview,
        health,
        sizes,
        Choices::of(&app, &caller),
        recent(&app, &caller, None, 8),
        failing(&app, &caller)
    )?;
    let mut nodes = Vec::new();
    for node in &choices.nodes {
        let name = node
            .name
            .parse()
            .map_err(|_| Failure::of(crate::problem::Kind::NotFound))?;
        nodes.push(app.control.node(&caller, &name).await?);
    }
    let of = |state: &str| {
        overview
            .states
            .iter()
            .find(|one| one.name == state)
            .map_or(0, |one| one.count)
    };
    // A day is told by its beginning in UTC; its noon is of the same day for nearly everybody.
    for day in &mut sizes.days {
        day.at += SignedDuration::from_hours(12);
    }
    let pools = || nodes.iter().flat_map(|node| &node.pools);
    Ok(page(
        Dashboard {
            active: of("active"),
            paused: of("paused"),
            suspended: of("suspended"),
            open: overview.queued + overview.running,
            ready: pools().map(|pool| pool.ready).sum(),
            wanted: pools().map(|pool| pool.wanted).sum(),
            groups: groups(&v, &overview),
            overview,
            sizes,
            choices,
            entries,
            failed,
            nodes,
            health,
            v,
        }
        .render(),
    ))
}

fn groups(v: &View, overview: &Overview) -> Vec<Group> {
    let group = |title: String, by: &str, counts: &[Counted]| Group {
        title,
        lines: counts
            .iter()
            .map(|one| Line {
                href: format!("/admin/tenants?{by}={}", one.name),
                word: match by {
                    "state" => v.word("state", &one.name),
                    _ => one.name.clone(),
                },
                count: one.count,
            })
            .collect(),
    };
    vec![
        group(v.by_state.to_string(), "state", &overview.states),
        group(v.by_plan.to_string(), "plan", &overview.plans),
        group(v.by_product.to_string(), "product", &overview.products),
        group(v.by_node.to_string(), "node", &overview.nodes),
    ]
}

/// The newest entries of the audit trail, of one tenant or of all.
pub(crate) async fn recent(
    app: &App,
    caller: &Caller,
    tenant: Option<&str>,
    limit: i64,
) -> Answer<Vec<AuditEntryView>> {
    let query = AuditQuery {
        tenant: tenant.map(ToOwned::to_owned),
        limit: Some(limit),
        ..AuditQuery::default()
    };
    let trail = app.control.audit_trail(caller, &query).await?;
    Ok(trail.items.into_iter().map(crate::api::audit::told).collect())
}

async fn failing(app: &App, caller: &Caller) -> Answer<Vec<Operation>> {
    let query = HistoryQuery {
        state: Some("failed".to_owned()),
        limit: Some(5),
        ..HistoryQuery::default()
    };
    let (records, _) = app.control.history(caller, &query).await?;
    Ok(on_a_page(app.control.operations_view(caller, records).await?))
}
