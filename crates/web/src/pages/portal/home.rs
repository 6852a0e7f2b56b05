//! `GET /`: my workspaces; for whoever is not signed in, where one is.

use crate::App;
use crate::pages::page;
use crate::pages::start::Start;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::Action;
use wire::tenant::{TenantPage, TenantQuery};

#[derive(Template)]
#[template(path = "portal/home.html")]
struct Home {
    v: View,
    page: TenantPage,
}

/// The page.
pub(crate) async fn home(State(app): State<App>, visit: Option<Visit>, v: View) -> Answer<Response> {
    let Some(Visit { v, caller }) = visit else {
        let version = env!("CARGO_PKG_VERSION");
        return Ok(page(Start { v, version }.render()));
    };
    if v.is_staff() && v.memberships().is_empty() {
        let to = HeaderValue::from_static("/admin/dashboard");
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
    }
    let query = TenantQuery {
        sort: Some("company_name".to_owned()),
        limit: Some(200),
        ..TenantQuery::default()
    };
    // Whoever may see no tenants has none.
    let found = match caller.reach(Action::ReadTenants) {
        Ok(_) => app.control.tenants(&caller, &query).await?,
        Err(_) => TenantPage {
            items: Vec::new(),
            total: 0,
            total_is_exact: true,
            next_cursor: None,
        },
    };
    Ok(page(Home { v, page: found }.render()))
}
