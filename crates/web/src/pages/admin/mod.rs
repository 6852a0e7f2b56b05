//! The staff's panel.

mod activity;
mod backups;
mod choices;
mod dashboard;
mod database;
mod drain;
mod export;
mod guard;
mod import;
mod lists;
mod moment;
mod nodes;
mod operations;
mod tenant;
mod tenants;
mod work;

pub(super) use backups::{RULES, backup_values, store_values};
pub(super) use dashboard::recent;
pub(super) use guard::Guard;
pub(super) use import::{upload_far, upload_values};
pub(super) use moment::Reachable;
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
        .route("/admin/workspace/{id}/database", get(database::database))
        .route("/admin/operations", get(operations::operations))
        .route("/admin/operations/{id}", get(operations::operation))
        .route("/admin/backups", get(backups::backups))
        .route("/admin/backups/{id}", get(backups::backup))
        .route("/admin/import", get(import::import))
        .route("/admin/activity", get(activity::activity))
        .route("/admin/nodes", get(nodes::nodes))
        .route("/admin/nodes/{name}", get(nodes::node))
        .route("/admin/nodes/{name}/drain", get(drain::drain))
        .route("/admin/databases", get(nodes::databases))
        .route("/admin/templates", get(lists::templates))
        .route("/admin/work", get(work::work))
        .route("/admin/organizations", get(lists::organizations))
        .route("/admin/organizations/{organization}", get(lists::organization))
        .route("/admin/products", get(lists::products))
        .route("/admin/people", get(lists::people))
        .route("/admin/keys", get(lists::keys))
        .route("/admin/settings", get(lists::settings))
        .route("/admin/styleguide", get(lists::styleguide))
        .route("/admin", get(dashboard::to_dashboard))
}
