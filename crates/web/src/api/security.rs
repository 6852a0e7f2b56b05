//! `/api/security/blocks`

use crate::App;
use crate::identity::Known;
use crate::input::{Query, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use domain::BlockId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::security::BlockView;

/// Which blocks.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BlockQuery {
    /// Only of this rule.
    #[serde(default)]
    rule: Option<String>,
    /// Only of this address.
    #[serde(default)]
    address: Option<String>,
    /// 1 to 200; 50 by default.
    #[serde(default)]
    limit: Option<i64>,
}

/// Blocks, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BlockList {
    /// The blocks.
    items: Vec<BlockView>,
}

/// Lists what the front door refused or reported: one block for each rule and address, the newest first.
#[utoipa::path(get, path = "/api/security/blocks", tag = "security", params(BlockQuery),
    responses((status = 200, body = BlockList), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<BlockQuery>,
) -> Answer<Json<BlockList>> {
    let query = control::BlockQuery {
        rule: query.rule,
        address: query.address,
        limit: query.limit,
    };
    Ok(Json(BlockList {
        items: app.control.blocks(&caller, &query).await?,
    }))
}

/// Shows the block whose id a refused client was told.
#[utoipa::path(get, path = "/api/security/blocks/{id}", tag = "security", params(("id" = String, Path)),
    responses((status = 200, body = BlockView), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BlockId>,
) -> Answer<Json<BlockView>> {
    Ok(Json(app.control.block(&caller, id).await?))
}

/// Lifts a block: for thirty days its rule is not applied to its address.
#[utoipa::path(delete, path = "/api/security/blocks/{id}", tag = "security", params(("id" = String, Path)),
    responses((status = 200, body = BlockView), Problems))]
pub(crate) async fn lift(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<BlockId>,
) -> Answer<Json<BlockView>> {
    Ok(Json(app.control.lift_block(&caller, id).await?))
}
