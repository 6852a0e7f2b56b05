//! `GET /api/operations`

use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::openapi::Problems;
use crate::problem::Answer;
use crate::words::with_words;
use axum::Json;
use axum::extract::State;
use control::HistoryQuery;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::operation::Operation;

/// Which operations.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OperationQuery {
    /// Only on this tenant or template.
    #[serde(default, alias = "tenant")]
    subject: Option<String>,
    /// Only the parts of this operation on many tenants.
    #[serde(default)]
    parent: Option<String>,
    /// Only of this kind, such as `tenant.create`.
    #[serde(default)]
    kind: Option<String>,
    /// Only in this state.
    #[serde(default)]
    state: Option<String>,
    /// Only done by this node.
    #[serde(default)]
    node: Option<String>,
    /// Only asked for by this one: the identity of a key or a person, or `system`.
    #[serde(default)]
    actor: Option<String>,
    /// Only asked for at this time or later.
    #[serde(default)]
    from: Option<String>,
    /// Only asked for before this time.
    #[serde(default)]
    to: Option<String>,
    /// Only with these letters in subject, kind or failure.
    #[serde(default)]
    text: Option<String>,
    /// The page after one that was shown, as `next` of that page said.
    #[serde(default)]
    cursor: Option<String>,
    /// 1 to 200; 50 by default.
    #[serde(default)]
    limit: Option<i64>,
}

/// Operations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationList {
    /// The operations.
    items: Vec<Operation>,
    /// Where the next page begins; nothing on the last one.
    next: Option<String>,
}

/// Lists operations, newest first, page by page.
#[utoipa::path(get, path = "/api/operations", tag = "operations", params(OperationQuery),
    responses((status = 200, body = OperationList), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<OperationQuery>,
) -> Answer<Json<OperationList>> {
    let query = HistoryQuery {
        subject: query.subject,
        parent: query.parent,
        kind: query.kind,
        state: query.state,
        node: query.node,
        actor: query.actor,
        from: query.from,
        to: query.to,
        text: query.text,
        cursor: query.cursor,
        limit: query.limit,
    };
    let (records, next) = app.control.history(&caller, &query).await?;
    let items = app.control.operations_view(&caller, records).await?;
    Ok(Json(OperationList {
        items: with_words(items),
        next,
    }))
}
