//! `GET /admin/nodes`, one of them, and `GET /admin/databases`.

use super::choices::Choices;
use crate::App;
use crate::input::Segment;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control::Caller;
use domain::{Action, NodeName, TenantId};
use serde_json::json;
use wire::apikey::NodeDetail;
use wire::database::SizePoint;
use wire::tenant::{Tenant, TenantQuery};

#[derive(Template)]
#[template(path = "admin/nodes.html")]
struct NodesPage {
    v: View,
    nodes: Vec<NodeDetail>,
    panel: String,
    version: &'static str,
}

#[derive(Template)]
#[template(path = "admin/node.html")]
struct NodePage {
    v: View,
    d: NodeDetail,
    values: String,
}

#[derive(Template)]
#[template(path = "admin/databases.html")]
struct DatabasesPage {
    v: View,
    clusters: Vec<Cluster>,
    choices: Choices,
}

/// A node's cluster: what is managed of it, and what is not.
struct Cluster {
    detail: NodeDetail,
    /// Each with what its database and its files took when they were last measured.
    managed: Vec<(Tenant, Option<SizePoint>)>,
    /// Whether it has more tenants than are shown.
    has_more: bool,
}

/// Every node with what it last said of itself.
pub(crate) async fn details(app: &App, caller: &Caller) -> Answer<Vec<NodeDetail>> {
    let mut found = Vec::new();
    for node in app.control.nodes(caller).await? {
        if let Ok(name) = node.name.parse::<NodeName>() {
            found.push(app.control.node(caller, &name).await?);
        }
    }
    Ok(found)
}

/// The page of all.
pub(crate) async fn nodes(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let nodes = details(&app, &caller).await?;
    let panel = app.control.settings().panel.clone();
    let panel = panel.trim_end_matches('/').to_owned();
    let version = env!("CARGO_PKG_VERSION");
    Ok(page(
        NodesPage {
            v,
            nodes,
            panel,
            version,
        }
        .render(),
    ))
}

/// The page of one.
pub(crate) async fn node(
    State(app): State<App>,
    visit: Visit,
    Segment(name): Segment<NodeName>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let d = app.control.node(&caller, &name).await?;
    let values = json!({
        "subject": d.node.name, "name": d.node.name, "mode": d.node.mode, "reason": d.node.mode_reason,
        "most": d.node.max_tenants, "labels": d.node.labels,
    });
    let values = values.to_string();
    Ok(page(NodePage { v, d, values }.render()))
}

/// The page of databases, by cluster.
pub(crate) async fn databases(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let choices = Choices::of(&app, &caller).await?;
    let mut clusters = Vec::new();
    for detail in details(&app, &caller).await? {
        let query = TenantQuery {
            node: Some(detail.node.name.clone()),
            sort: Some("subdomain".to_owned()),
            limit: Some(100),
            ..TenantQuery::default()
        };
        let found = app.control.tenants(&caller, &query).await?;
        let ids: Vec<TenantId> = found.items.iter().filter_map(id).collect();
        let mut sizes = app.control.newest_sizes(&caller, &ids).await?;
        let mut sized = |tenant: Tenant| {
            let size = id(&tenant).and_then(|id| sizes.remove(&id));
            (tenant, size)
        };
        clusters.push(Cluster {
            detail,
            has_more: found.next_cursor.is_some(),
            managed: found.items.into_iter().map(&mut sized).collect(),
        });
    }
    Ok(page(DatabasesPage { v, clusters, choices }.render()))
}

fn id(tenant: &Tenant) -> Option<TenantId> {
    tenant.id.parse().ok()
}

impl DatabasesPage {
    /// What the dialog to adopt needs to know.
    fn values(&self, cluster: &Cluster, database: &str) -> String {
        json!({ "node": cluster.detail.node.name, "database": database }).to_string()
    }
}
