//! `/api/nodes`

use crate::App;
use crate::identity::Staff;
use crate::input::Body;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::apikey::{EnrolmentToken, Node};

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
pub(crate) async fn list(State(app): State<App>, Staff(caller): Staff) -> Answer<Json<NodeList>> {
    Ok(Json(NodeList {
        items: app.control.nodes(&caller).await?,
    }))
}

/// Makes a token with which one node can enrol itself, once, within a day.
#[utoipa::path(post, path = "/api/nodes/tokens", tag = "nodes", request_body = CreateToken,
    responses((status = 201, body = EnrolmentToken), Problems))]
pub(crate) async fn token(
    State(app): State<App>,
    Staff(caller): Staff,
    Body(request): Body<CreateToken>,
) -> Answer<(StatusCode, Json<EnrolmentToken>)> {
    let token = app
        .control
        .create_enrolment_token(&caller, request.name.as_deref())
        .await?;
    Ok((StatusCode::CREATED, Json(token)))
}
