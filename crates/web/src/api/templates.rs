//! `/api/templates`

use crate::App;
use crate::answer::{after_begin, located};
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use control::{Caller, operation_view};
use domain::{OperationId, TemplateName};
use serde::Serialize;
use utoipa::ToSchema;
use wire::apikey::{AdoptTemplate, BuildTemplate, RetireTemplate, SetPool, Template, TemplateOnNode};
use wire::operation::Operation;

/// Templates of all nodes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateList {
    /// The templates.
    items: Vec<Template>,
}

/// Lists the templates of all nodes.
#[utoipa::path(get, path = "/api/templates", tag = "templates", responses((status = 200, body = TemplateList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<TemplateList>> {
    Ok(Json(TemplateList {
        items: app.control.templates(&caller).await?,
    }))
}

/// Builds a template, or builds it anew. It takes minutes, so this answers at once.
#[utoipa::path(post, path = "/api/templates", tag = "templates", request_body = BuildTemplate,
    responses((status = 202, body = Operation), Problems))]
pub(crate) async fn build(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<BuildTemplate>,
) -> Answer<Response> {
    let id = app.control.build_template(&caller, request).await?;
    accepted(&app, &caller, id).await
}

/// Builds a template anew, from nothing, with the modules and languages that it has.
#[utoipa::path(post, path = "/api/templates/{name}/rebuild", tag = "templates", request_body = Option<TemplateOnNode>,
    params(("name" = String, Path)), responses((status = 202, body = Operation), Problems))]
pub(crate) async fn rebuild(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<TemplateName>,
    request: Option<Body<TemplateOnNode>>,
) -> Answer<Response> {
    let request = request.map(|Body(request)| request).unwrap_or_default();
    let id = app.control.rebuild_template(&caller, &name, &request).await?;
    accepted(&app, &caller, id).await
}

/// Compiles a template's pages and bundles anew: a copy of it is visited and takes its place.
#[utoipa::path(post, path = "/api/templates/{name}/warm", tag = "templates", request_body = Option<TemplateOnNode>,
    params(("name" = String, Path)), responses((status = 202, body = Operation), Problems))]
pub(crate) async fn warm(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<TemplateName>,
    request: Option<Body<TemplateOnNode>>,
) -> Answer<Response> {
    let request = request.map(|Body(request)| request).unwrap_or_default();
    let id = app.control.warm_template(&caller, &name, &request).await?;
    accepted(&app, &caller, id).await
}

/// Makes a template of a copy of a database, without its people. The database stays as it is.
#[utoipa::path(post, path = "/api/templates/{name}/adopt", tag = "templates", request_body = AdoptTemplate,
    params(("name" = String, Path)), responses((status = 202, body = Operation), Problems))]
pub(crate) async fn adopt(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<TemplateName>,
    Body(request): Body<AdoptTemplate>,
) -> Answer<Response> {
    let id = app.control.adopt_template(&caller, &name, &request).await?;
    accepted(&app, &caller, id).await
}

/// Drops a template and its ready clones; the request repeats its name. Tenants that were made of it stay.
#[utoipa::path(post, path = "/api/templates/{name}/retire", tag = "templates", request_body = RetireTemplate,
    params(("name" = String, Path)), responses((status = 202, body = Operation), Problems))]
pub(crate) async fn retire(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<TemplateName>,
    Body(request): Body<RetireTemplate>,
) -> Answer<Response> {
    let id = app.control.retire_template(&caller, &name, &request).await?;
    accepted(&app, &caller, id).await
}

/// Sets how many clones of a template are kept ready; without a size, the node decides by demand.
#[utoipa::path(put, path = "/api/templates/{name}/pool", tag = "templates", request_body = SetPool,
    params(("name" = String, Path)), responses((status = 200, body = Template), Problems))]
pub(crate) async fn pool(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<TemplateName>,
    Body(request): Body<SetPool>,
) -> Answer<Json<Template>> {
    Ok(Json(app.control.set_pool(&caller, &name, &request).await?))
}

/// It takes minutes, so this answers at once.
async fn accepted(app: &App, caller: &Caller, id: OperationId) -> Answer<Response> {
    let record = app.control.operation(caller, id).await.map_err(after_begin(id))?;
    let body = (StatusCode::ACCEPTED, Json(operation_view(record.clone()))).into_response();
    Ok(located(body, &record))
}
