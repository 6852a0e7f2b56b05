//! `/api/nodes`

use crate::App;
use crate::answer::change;
use crate::identity::Known;
use crate::input::{Body, Query, Segment};
use crate::openapi::Problems;
use crate::prefer::Prefer;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use control::GivenUp;
use domain::NodeName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::apikey::{AdoptTenant, EnrolmentToken, Node, NodeDetail, UpdateNode};
use wire::tenant::TenantChange;

/// All nodes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeList {
    /// The nodes.
    items: Vec<Node>,
}

/// Asks for an enrolment token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateToken {
    /// The name that the node will have.
    #[serde(default)]
    name: Option<String>,
}

/// Lists the nodes.
#[utoipa::path(get, path = "/api/nodes", tag = "nodes", responses((status = 200, body = NodeList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<NodeList>> {
    Ok(Json(NodeList {
        items: app.control.nodes(&caller).await?,
    }))
}

/// Shows a node with what it last said of itself: its pools of ready clones, the databases that nobody manages.
#[utoipa::path(get, path = "/api/nodes/{name}", tag = "nodes", params(("name" = String, Path)),
    responses((status = 200, body = NodeDetail), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
) -> Answer<Json<NodeDetail>> {
    Ok(Json(app.control.node(&caller, &name).await?))
}

/// Changes what the operator says of a node: what it may do and why, how many tenants it may have, its labels.
#[utoipa::path(patch, path = "/api/nodes/{name}", tag = "nodes", request_body = UpdateNode,
    params(("name" = String, Path)), responses((status = 200, body = Node), Problems))]
pub(crate) async fn update(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
    Body(request): Body<UpdateNode>,
) -> Answer<Json<Node>> {
    Ok(Json(app.control.update_node(&caller, &name, &request).await?))
}

/// How a node is to be taken out.
#[derive(Debug, Deserialize, ToSchema, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Removal {
    /// The node's name, again.
    #[serde(default)]
    #[param(required = true)]
    confirm: Option<String>,
    /// That it is lost, and everything on it is given up.
    #[serde(default)]
    lost: bool,
    /// With `lost`: the subdomains of all tenants that go with it, tombstones among them, separated by commas.
    #[serde(default)]
    tenants: String,
}

/// Takes a node out for good, once no tenant, no tombstone and no operation is left on it; or a lost one with all of it.
#[utoipa::path(delete, path = "/api/nodes/{name}", tag = "nodes", params(("name" = String, Path), Removal),
    responses((status = 204, description = "It is out; its credential is worth nothing any more."), Problems))]
pub(crate) async fn remove(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
    Query(removal): Query<Removal>,
) -> Answer<StatusCode> {
    if removal.lost {
        let named = removal.tenants.split(',').map(str::trim);
        let given_up = GivenUp {
            confirm: removal.confirm,
            tenants: named
                .filter(|name| !name.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
        };
        app.control.give_up_node(&caller, &name, &given_up).await?;
    } else {
        let confirm = removal.confirm.as_deref();
        app.control.remove_node(&caller, &name, confirm).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Has a node bring itself another credential. The one in force ends when the new one is first used.
#[utoipa::path(post, path = "/api/nodes/{name}/rotate", tag = "nodes", params(("name" = String, Path)),
    responses((status = 202, description = "The node is asked the next time that it is heard of."), Problems))]
pub(crate) async fn rotate(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
) -> Answer<StatusCode> {
    app.control.rotate_node(&caller, &name).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Takes a database of a node over as a tenant. Nothing in it changes.
#[utoipa::path(post, path = "/api/nodes/{name}/adopt", tag = "nodes", request_body = AdoptTenant,
    params(("name" = String, Path)),
    responses((status = 201, body = TenantChange), (status = 202, body = TenantChange), Problems))]
pub(crate) async fn adopt(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<NodeName>,
    prefer: Prefer,
    Body(request): Body<AdoptTenant>,
) -> Answer<Response> {
    let operation = app.control.adopt_tenant(&caller, &name, &request).await?;
    change(&app, &caller, operation, prefer, StatusCode::CREATED).await
}

/// Makes a token with which one node can enrol itself, once, within a day.
#[utoipa::path(post, path = "/api/nodes/tokens", tag = "nodes", request_body = CreateToken,
    responses((status = 201, body = EnrolmentToken), Problems))]
pub(crate) async fn token(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<CreateToken>,
) -> Answer<(StatusCode, Json<EnrolmentToken>)> {
    let token = app
        .control
        .create_enrolment_token(&caller, request.name.as_deref())
        .await?;
    Ok((StatusCode::CREATED, Json(token)))
}
