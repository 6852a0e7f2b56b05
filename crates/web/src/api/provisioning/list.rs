//! `GET /api/provisioning/tenants`, `/servers` and `/domains`

use super::named_node;
use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use wire::provisioning::{
    ProvisionedDatabase, ProvisionedDatabases, ProvisioningDomains, ProvisioningServer, ProvisioningServers,
};

/// Which node.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ServerQuery {
    /// Only on this node.
    #[serde(default)]
    server: Option<String>,
}

/// Lists every tenant that was not deleted. A database that is no tenant is never in it.
#[utoipa::path(get, path = "/api/provisioning/tenants", tag = "provisioning", params(ServerQuery),
    responses((status = 200, body = ProvisionedDatabases), Problems))]
pub(crate) async fn tenants(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<ServerQuery>,
) -> Answer<Json<ProvisionedDatabases>> {
    let node = named_node(query.server.as_deref())?;
    let records = app.control.all_tenants(&caller, node.as_ref()).await?;
    let tenants: Vec<ProvisionedDatabase> = records
        .into_iter()
        .map(|record| ProvisionedDatabase {
            database: record.subdomain.database().to_string(),
            url: record.url(),
            subdomain: record.subdomain.to_string(),
            server: record.node.to_string(),
        })
        .collect();
    let server = node.map_or_else(|| "all".to_owned(), String::from);
    Ok(Json(ProvisionedDatabases {
        total: tenants.len(),
        tenants,
        server,
    }))
}

/// Lists the nodes.
#[utoipa::path(get, path = "/api/provisioning/servers", tag = "provisioning",
    responses((status = 200, body = ProvisioningServers), Problems))]
pub(crate) async fn servers(
    State(app): State<App>,
    Known(caller): Known,
) -> Answer<Json<ProvisioningServers>> {
    let nodes = app.control.nodes(&caller).await?;
    let servers = nodes.into_iter().map(|node| ProvisioningServer {
        id: node.id,
        name: node.name,
        ip: node.address,
        domain: node.domain,
    });
    Ok(Json(ProvisioningServers {
        servers: servers.collect(),
    }))
}

/// Lists the domains under which tenants are served.
#[utoipa::path(get, path = "/api/provisioning/domains", tag = "provisioning",
    responses((status = 200, body = ProvisioningDomains), Problems))]
pub(crate) async fn domains(
    State(app): State<App>,
    Known(caller): Known,
) -> Answer<Json<ProvisioningDomains>> {
    let mut domains: Vec<String> = app
        .control
        .nodes(&caller)
        .await?
        .into_iter()
        .map(|node| node.domain)
        .collect();
    domains.sort();
    // The one that most nodes serve is where a tenant without a wish most likely lands.
    let nodes = |domain: &String| domains.iter().filter(|other| *other == domain).count();
    let default = domains.iter().rev().max_by_key(|domain| nodes(domain));
    let default = default.cloned().unwrap_or_default();
    domains.dedup();
    Ok(Json(ProvisioningDomains { domains, default }))
}
