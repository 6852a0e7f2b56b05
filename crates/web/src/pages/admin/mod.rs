//! The staff's panel.

mod choices;
mod dashboard;
mod export;
mod operations;
mod tenant;
mod tenants;

pub(super) use dashboard::recent;
pub(super) use tenant::operations_of;
pub(super) use tenants::values;

use crate::App;
use axum::Router;
use axum::routing::get;

/// The routes of the panel.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/dashboard", get(dashboard::dashboard))
        .route("/admin/tenants", get(tenants::tenants))
        .route(export::TENANTS, get(export::tenants))
        .route("/admin/workspace/{id}", get(tenant::tenant))
        .route("/admin/operations", get(operations::operations))
        .route("/admin/operations/{id}", get(operations::operation))
}
