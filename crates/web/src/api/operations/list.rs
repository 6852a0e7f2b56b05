//! `GET /api/operations`

use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::openapi::Problems;
use crate::problem::{Answer, Failure};
use axum::Json;
use axum::extract::State;
use control::operation_view;
use domain::FieldError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::operation::Operation;

/// Which operations.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OperationQuery {
    /// Only on this tenant or template.
    #[serde(default)]
    subject: Option<String>,
    /// Only the parts of this operation on many tenants.
    #[serde(default)]
    parent: Option<String>,
    /// 1 to 200; 50 by default.
    #[serde(default)]
    limit: Option<i64>,
}

/// Operations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationList {
    /// The operations.
    items: Vec<Operation>,
}

/// Lists the newest operations.
#[utoipa::path(get, path = "/api/operations", tag = "operations", params(OperationQuery),
    responses((status = 200, body = OperationList), Problems))]
pub(crate) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<OperationQuery>,
) -> Answer<Json<OperationList>> {
    // PostgreSQL's text cannot hold a null character, so nothing is called like that.
    let subject = query
        .subject
        .as_deref()
        .map(|subject| subject.replace('\0', "\u{fffd}"));
    let parent = query.parent.as_deref().map(str::parse).transpose();
    let parent = parent.map_err(|rule| Failure::fields(vec![FieldError::new("parent", rule)]))?;
    let records = app
        .control
        .operations(&caller, subject.as_deref(), parent, query.limit.unwrap_or(50))
        .await?;
    Ok(Json(OperationList {
        items: records.into_iter().map(operation_view).collect(),
    }))
}
