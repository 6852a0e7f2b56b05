//! `GET /api/tenants/{subdomain}/database` and what is below it, `GET /api/databases/size`

use crate::App;
use crate::identity::Known;
use crate::input::Segment;
use crate::openapi::Problems;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use domain::Subdomain;
use wire::database::{ConnectionList, HintList, SizeView, StatementList, TableList, TotalSizeView};

/// How much a tenant's database and files hold, and held: hours of three days, days of ninety, weeks of two years.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/database", tag = "databases", params(("subdomain" = String, Path)),
    responses((status = 200, body = SizeView), Problems))]
pub(crate) async fn size(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<SizeView>> {
    Ok(Json(app.control.tenant_size(&caller, &name).await?))
}

/// How much all tenants' databases and files hold together, and held on each of ninety days.
#[utoipa::path(get, path = "/api/databases/size", tag = "databases", responses((status = 200, body = TotalSizeView), Problems))]
pub(crate) async fn total(State(app): State<App>, Known(caller): Known) -> Answer<Json<TotalSizeView>> {
    Ok(Json(app.control.total_size(&caller).await?))
}

/// The largest tables of a tenant's database, as its node sees them now. Rows are estimates; nothing is counted.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/database/tables", tag = "databases", params(("subdomain" = String, Path)),
    responses((status = 200, body = TableList), Problems))]
pub(crate) async fn tables(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<TableList>> {
    Ok(Json(app.control.database_tables(&caller, &name).await?))
}

/// Who is connected to a tenant's database now. Statements are short and without their literals.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/database/connections", tag = "databases", params(("subdomain" = String, Path)),
    responses((status = 200, body = ConnectionList), Problems))]
pub(crate) async fn connections(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<ConnectionList>> {
    Ok(Json(app.control.database_connections(&caller, &name).await?))
}

/// What should be looked at in a tenant's database: lost room, indexes that are missing, unused, there twice or broken.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/database/hints", tag = "databases", params(("subdomain" = String, Path)),
    responses((status = 200, body = HintList), Problems))]
pub(crate) async fn hints(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<HintList>> {
    Ok(Json(app.control.database_hints(&caller, &name).await?))
}

/// What takes most time in a tenant's database, where the extension `pg_stat_statements` is there; `available` says whether it is.
#[utoipa::path(get, path = "/api/tenants/{subdomain}/database/statements", tag = "databases", params(("subdomain" = String, Path)),
    responses((status = 200, body = StatementList), Problems))]
pub(crate) async fn statements(
    State(app): State<App>,
    Known(caller): Known,
    Segment(name): Segment<Subdomain>,
) -> Answer<Json<StatementList>> {
    Ok(Json(app.control.database_statements(&caller, &name).await?))
}
