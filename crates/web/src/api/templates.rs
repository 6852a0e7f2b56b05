//! `/api/templates`

use crate::App;
use crate::answer::located;
use crate::identity::Staff;
use crate::input::Body;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::operation_view;
use serde::Serialize;
use utoipa::ToSchema;
use wire::apikey::{BuildTemplate, Template};
use wire::operation::Operation;

/// Templates of all nodes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateList {
    /// The templates.
    items: Vec<Template>,
}

/// Lists the templates of all nodes.
#[utoipa::path(get, path = "/api/templates", tag = "templates", responses((status = 200, body = TemplateList), Problems))]
pub(crate) async fn list(State(app): State<App>, Staff(caller): Staff) -> Answer<Json<TemplateList>> {
    Ok(Json(TemplateList {
        items: app.control.templates(&caller).await?,
    }))
}

/// Builds a template, or builds it anew. It takes minutes, so this answers at once.
#[utoipa::path(post, path = "/api/templates", tag = "templates", request_body = BuildTemplate,
    responses((status = 202, body = Operation), Problems))]
pub(crate) async fn build(
    State(app): State<App>,
    Staff(caller): Staff,
    Body(request): Body<BuildTemplate>,
) -> Answer<Response> {
    let id = app.control.build_template(&caller, request).await?;
    let record = app.control.operation(&caller, id).await?;
    let body = (StatusCode::ACCEPTED, Json(operation_view(record.clone()))).into_response();
    Ok(located(body, &record))
}
