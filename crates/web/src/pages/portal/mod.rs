//! The customers' portal, and everybody's own account.

mod account;
mod home;
mod organization;
mod workspace;

pub(super) use organization::OrganizationPage;

use crate::App;
use axum::Router;
use axum::routing::get;

/// The routes of the portal.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/workspace/{subdomain}", get(workspace::workspace))
        .route("/organization/{organization}", get(organization::organization))
        .route("/account", get(account::account))
}
