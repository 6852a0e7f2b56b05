//! `/api/plans` and `/api/products`

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Query, Segment};
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{PlanName, ProductName};
use serde::Serialize;
use utoipa::ToSchema;
use wire::catalogue::{CreatePlan, CreateProduct, Plan, Product, RemovalOfSold, UpdatePlan, UpdateProduct};

/// Plans in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanList {
    /// The plans.
    items: Vec<Plan>,
}

/// Products in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductList {
    /// The products.
    items: Vec<Product>,
}

/// Lists the plans with their limits, and how many tenants are on each.
#[utoipa::path(get, path = "/api/plans", tag = "catalogue", responses((status = 200, body = PlanList), Problems))]
pub(crate) async fn plans(State(app): State<App>, Known(caller): Known) -> Answer<Json<PlanList>> {
    Ok(Json(PlanList {
        items: app.control.plans(&caller).await?,
    }))
}

/// Adds a plan.
#[utoipa::path(post, path = "/api/plans", tag = "catalogue", request_body = CreatePlan,
    responses((status = 201, body = Plan), Problems))]
pub(crate) async fn create_plan(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<CreatePlan>,
) -> Answer<(StatusCode, Json<Plan>)> {
    let plan = app.control.create_plan(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(plan)))
}

/// Changes a plan. With `is_offered: false` it is closed to new tenants, and those that are on it stay.
#[utoipa::path(patch, path = "/api/plans/{name}", tag = "catalogue", request_body = UpdatePlan,
    params(("name" = String, Path)), responses((status = 200, body = Plan), Problems))]
pub(crate) async fn update_plan(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<PlanName>,
    Body(request): Body<UpdatePlan>,
) -> Answer<Json<Plan>> {
    Ok(Json(app.control.update_plan(&caller, &name, &request).await?))
}

/// Removes a plan that no tenant is on; the caller repeats its name. Any other one is closed by `is_offered: false`.
#[utoipa::path(delete, path = "/api/plans/{name}", tag = "catalogue", params(("name" = String, Path), RemovalOfSold),
    responses((status = 204), Problems))]
pub(crate) async fn remove_plan(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<PlanName>,
    Query(query): Query<RemovalOfSold>,
) -> Answer<StatusCode> {
    app.control
        .remove_plan(&caller, &name, query.confirm.as_deref())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the products, and how many tenants there are of each.
#[utoipa::path(get, path = "/api/products", tag = "catalogue", responses((status = 200, body = ProductList), Problems))]
pub(crate) async fn products(State(app): State<App>, Known(caller): Known) -> Answer<Json<ProductList>> {
    Ok(Json(ProductList {
        items: app.control.products(&caller).await?,
    }))
}

/// Adds a product.
#[utoipa::path(post, path = "/api/products", tag = "catalogue", request_body = CreateProduct,
    responses((status = 201, body = Product), Problems))]
pub(crate) async fn create_product(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<CreateProduct>,
) -> Answer<(StatusCode, Json<Product>)> {
    let product = app.control.create_product(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(product)))
}

/// Changes a product. With `is_offered: false` no more tenants of it are made, and those that are there stay.
#[utoipa::path(patch, path = "/api/products/{name}", tag = "catalogue", request_body = UpdateProduct,
    params(("name" = String, Path)), responses((status = 200, body = Product), Problems))]
pub(crate) async fn update_product(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<ProductName>,
    Body(request): Body<UpdateProduct>,
) -> Answer<Json<Product>> {
    Ok(Json(app.control.update_product(&caller, &name, &request).await?))
}

/// Removes a product that no tenant is of; the caller repeats its name. Any other one is closed by `is_offered: false`.
#[utoipa::path(delete, path = "/api/products/{name}", tag = "catalogue", params(("name" = String, Path), RemovalOfSold),
    responses((status = 204), Problems))]
pub(crate) async fn remove_product(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<ProductName>,
    Query(query): Query<RemovalOfSold>,
) -> Answer<StatusCode> {
    app.control
        .remove_product(&caller, &name, query.confirm.as_deref())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
