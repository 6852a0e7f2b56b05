//! The routes, on one screen.

use crate::api::{
    audit, auth, backups, bulk, catalogue, database, downloads, drain, drift, events, health, keys, metrics,
    nodes, operations, organizations, people, provisioning, register, security, settings, sso, support,
    templates, tenants, uploads, work,
};
use crate::door::pass;
use crate::observation::{observe, panicked};
use crate::openapi::Document;
use crate::problem::{Failure, Kind};
use crate::{App, compression, node_protocol, node_transfer, pages, refusal};
use axum::Router;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The documented routes.
pub(crate) fn api() -> OpenApiRouter<App> {
    signs().merge(behind_the_door())
}

/// Signs of life. They pass no door, so that they are as quick as can be and told to whoever asks.
fn signs() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
}

fn behind_the_door() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tenants::create::create, tenants::list::list))
        .routes(routes!(
            tenants::show::show,
            tenants::update::update,
            tenants::delete::delete
        ))
        .routes(routes!(tenants::password::password))
        .routes(routes!(tenants::suspend::suspend))
        .routes(routes!(tenants::pause::pause))
        .routes(routes!(tenants::resume::resume))
        .routes(routes!(tenants::undelete::undelete))
        .routes(routes!(tenants::purge::purge))
        .routes(routes!(tenants::relocate::relocate))
        .routes(routes!(tenants::relocate::confirm))
        .routes(routes!(tenants::organization::assign))
        .routes(routes!(
            provisioning::create::create,
            provisioning::delete::delete
        ))
        .routes(routes!(provisioning::password::password))
        .routes(routes!(provisioning::email::email))
        .routes(routes!(provisioning::suspend::suspend))
        .routes(routes!(provisioning::dns::dns))
        .routes(routes!(provisioning::maintenance::maintain))
        .routes(routes!(provisioning::maintenance::repair))
        .routes(routes!(provisioning::maintenance::status))
        .routes(routes!(provisioning::list::tenants))
        .routes(routes!(provisioning::list::servers))
        .routes(routes!(provisioning::list::domains))
        .routes(routes!(bulk::begin))
        .routes(routes!(bulk::show))
        .routes(routes!(operations::list::list))
        .routes(routes!(operations::show::show))
        .routes(routes!(operations::events::events))
        .routes(routes!(operations::cancel::cancel))
        .routes(routes!(events::events))
        .merge(own_work())
        .routes(routes!(metrics::metrics))
        .routes(routes!(nodes::list))
        .routes(routes!(nodes::token))
        .routes(routes!(nodes::show, nodes::update, nodes::remove))
        .routes(routes!(nodes::adopt))
        .routes(routes!(nodes::rotate))
        .merge(draining())
        .routes(routes!(templates::list, templates::build))
        .routes(routes!(templates::rebuild))
        .routes(routes!(templates::warm))
        .routes(routes!(templates::adopt))
        .routes(routes!(templates::retire))
        .routes(routes!(templates::pool))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::rotate))
        .merge(people_and_sessions())
        .merge(second_factors())
        .merge(entering())
        .merge(single_sign_on())
        .routes(routes!(settings::list))
        .routes(routes!(settings::show, settings::set, settings::reset))
        .routes(routes!(settings::bulk))
        .routes(routes!(settings::history))
        .routes(routes!(security::list))
        .routes(routes!(security::show, security::lift))
        .merge(audit_trail())
        .merge(backed_up())
        .merge(databases())
        .merge(sold())
        .routes(routes!(pages::reader::openapi_json))
}

/// Backups and where they are kept.
fn backed_up() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(backups::change::take))
        .routes(routes!(backups::list::list))
        .routes(routes!(backups::list::health))
        .routes(routes!(
            backups::list::show,
            backups::change::hold,
            backups::change::forget
        ))
        .routes(routes!(backups::change::verify))
        .routes(routes!(backups::change::restore))
        .routes(routes!(downloads::of_backup))
        .routes(routes!(downloads::of_tenant))
        .routes(routes!(downloads::list))
        .routes(routes!(uploads::begin, uploads::list))
        .routes(routes!(uploads::show, uploads::piece, uploads::give_up))
        .routes(routes!(uploads::import))
        .routes(routes!(downloads::show, downloads::revoke))
        .routes(routes!(backups::moment::restore))
        .routes(routes!(backups::moment::window))
        .routes(routes!(
            backups::schedule::of_tenant,
            backups::schedule::set_of_tenant
        ))
        .routes(routes!(backups::schedule::set_of_plan))
        .routes(routes!(backups::stores::list))
        .routes(routes!(backups::stores::put, backups::stores::remove))
}

/// What is sold, and registering for it.
fn sold() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(catalogue::plans, catalogue::create_plan))
        .routes(routes!(catalogue::update_plan, catalogue::remove_plan))
        .routes(routes!(catalogue::products, catalogue::create_product))
        .routes(routes!(catalogue::update_product, catalogue::remove_product))
        .routes(routes!(register::register))
        .routes(routes!(register::address))
}

/// Looking into tenants' databases and after them.
fn databases() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(database::look::total))
        .routes(routes!(database::look::size))
        .routes(routes!(database::look::tables))
        .routes(routes!(database::look::connections))
        .routes(routes!(database::look::hints))
        .routes(routes!(database::look::statements))
        .routes(routes!(database::change::terminate))
        .routes(routes!(database::change::maintain))
}

/// Emptying a node.
fn draining() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(drain::plan))
        .routes(routes!(drain::show, drain::start))
        .routes(routes!(drain::pause))
        .routes(routes!(drain::resume))
        .routes(routes!(drain::cancel))
        .routes(routes!(drain::confirm))
}

/// The audit trail.
fn audit_trail() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(audit::list::list))
        .routes(routes!(audit::list::actions))
        .routes(routes!(audit::export::export))
        .routes(routes!(audit::chain::chain))
        .routes(routes!(audit::chain::verification))
        .routes(routes!(audit::chain::keys))
        .routes(routes!(audit::list::show))
}

/// The control plane's own work, and what the operator decides about it.
fn own_work() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(operations::decide::retry))
        .routes(routes!(operations::decide::abandon))
        .routes(routes!(work::jobs))
        .routes(routes!(work::retry))
        .routes(routes!(work::cancel))
        .routes(routes!(work::abandon))
        .routes(routes!(work::reconcilers))
        .routes(routes!(work::schedules))
        .routes(routes!(work::run))
        .routes(routes!(drift::show))
        .routes(routes!(drift::plan))
        .routes(routes!(drift::apply))
        .routes(routes!(tenants::switch::show, tenants::switch::set))
}

/// Signing in, sessions, the staff, organizations.
fn people_and_sessions() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(auth::login::login))
        .routes(routes!(auth::refresh::refresh))
        .routes(routes!(auth::logout::logout))
        .routes(routes!(auth::logout::logout_all))
        .routes(routes!(auth::logout::former))
        .routes(routes!(auth::limit::status))
        .routes(routes!(auth::account::me))
        .routes(routes!(auth::account::password))
        .routes(routes!(auth::session::list))
        .routes(routes!(auth::session::end))
        .routes(routes!(auth::session::history))
        .routes(routes!(auth::link::follow))
        .routes(routes!(people::list))
        .routes(routes!(people::invite))
        .routes(routes!(people::show, people::update))
        .routes(routes!(people::reset))
        .routes(routes!(people::email))
        .routes(routes!(organizations::list, organizations::create))
        .routes(routes!(organizations::show, organizations::rename))
        .routes(routes!(organizations::members))
        .routes(routes!(organizations::invite))
        .routes(routes!(
            organizations::update_member,
            organizations::remove_member
        ))
}

/// Second factors, and proving anew who one is.
fn second_factors() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(auth::second_step::answer))
        .routes(routes!(auth::factor::status))
        .routes(routes!(auth::factor::set_up))
        .routes(routes!(auth::factor::confirm))
        .routes(routes!(auth::factor::disable))
        .routes(routes!(auth::factor::renew))
        .routes(routes!(auth::passkey::list, auth::passkey::add))
        .routes(routes!(auth::passkey::options))
        .routes(routes!(auth::passkey::remove))
        .routes(routes!(auth::passkey::begin))
        .routes(routes!(auth::passkey::login))
        .routes(routes!(auth::step_up::prove))
        .routes(routes!(auth::step_up::options))
        .routes(routes!(organizations::second_factor))
        .routes(routes!(people::reset_factors))
}

/// Support access, and entering without a password.
fn entering() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(support::list::live))
        .routes(routes!(support::list::of_tenant, support::request::request))
        .routes(routes!(support::decide::approve))
        .routes(routes!(support::decide::refuse))
        .routes(routes!(support::enter::enter))
        .routes(routes!(support::end::end))
        .routes(routes!(support::login::login))
        .routes(routes!(support::wish::wish))
}

/// Identity providers, and signing in with one.
fn single_sign_on() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sso::list, sso::add))
        .routes(routes!(sso::show, sso::change, sso::remove))
        .routes(routes!(sso::test))
        .routes(routes!(auth::sso::offered))
        .routes(routes!(auth::sso::start))
        .routes(routes!(auth::sso::link))
        .routes(routes!(auth::sso::logout))
        .routes(routes!(auth::sso::identities))
        .routes(routes!(auth::sso::unlink))
}

/// Everything that the server answers.
pub fn router(app: App) -> Router {
    let (signs, _) = signs().split_for_parts();
    let (documented, _) = behind_the_door().split_for_parts();
    let method = || async { Failure::of(Kind::Method) };
    documented
        .merge(node_protocol::routes(&app))
        .merge(node_transfer::routes())
        .merge(pages::routes())
        .fallback(|| async { Failure::of(Kind::NotFound) })
        .method_not_allowed_fallback(method)
        .layer(axum::middleware::from_fn_with_state(app.clone(), refusal::audit))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            pages::error::humane,
        ))
        .layer(axum::middleware::from_fn_with_state(Arc::new(app.clone()), pass))
        .merge(signs.method_not_allowed_fallback(method))
        .layer(compression::layer())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn(observe))
        .with_state(app)
}
