//! `GET /admin/tenants`: every tenant, by filter, search, order and page.

use super::choices::Choices;
use super::export;
use crate::App;
use crate::input::Query;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::Action;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;
use wire::tenant::{Tenant, TenantPage, TenantQuery};

/// Within how many days a tenant's time may be asked to end.
const SPANS: [i64; 3] = [7, 30, 90];

/// The states that have a tab of their own.
const TABS: [&str; 6] = [
    "active",
    "provisioning",
    "paused",
    "suspended",
    "failed",
    "deleted",
];

#[derive(Template)]
#[template(path = "admin/tenants.html")]
struct TenantsPage {
    v: View,
    query: TenantQuery,
    choices: Choices,
    page: TenantPage,
    rows: Vec<Row>,
    tabs: Vec<Tab>,
    columns: Vec<Column>,
    choosable: Vec<(&'static str, String)>,
    count: String,
    csv: String,
    first: Option<String>,
    next: Option<String>,
    is_filtered: bool,
    /// How far ahead one may ask: what is sent, and its word.
    spans: Vec<(String, String)>,
}

/// A tenant in the table.
struct Row {
    tenant: Tenant,
    host: String,
    values: String,
}

struct Tab {
    href: String,
    word: String,
    is_here: bool,
}

struct Column {
    class: &'static str,
    word: String,
    href: String,
    sorted: &'static str,
}

/// What dialogs and menus need to know of a tenant.
pub(crate) fn values(tenant: &Tenant) -> String {
    let mut values = json!({
        "subdomain": tenant.subdomain, "old": tenant.subdomain, "company": tenant.company_name, "state": tenant.state,
        "url": tenant.url, "email": tenant.admin_email, "plan": tenant.plan, "expires_on": tenant.expires_at.map(last_day),
    });
    for reason in &tenant.suspension_reasons {
        values[format!("reasons_{reason}")] = json!(true);
    }
    values.to_string()
}

/// The last day of a tenant's time, in UTC: with the day that ends at midnight, and not the one that begins there.
fn last_day(end: Timestamp) -> String {
    let inside = end - SignedDuration::from_nanos(1);
    inside.to_zoned(TimeZone::UTC).date().to_string()
}

/// An address without what stands before and behind the host.
pub(crate) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/').to_owned()
}

/// What is asked for with nothing as nothing: forms send every field.
pub(crate) fn asked(mut query: TenantQuery) -> TenantQuery {
    for field in [
        &mut query.state,
        &mut query.plan,
        &mut query.product,
        &mut query.node,
        &mut query.expires_in,
        &mut query.organization,
        &mut query.search,
        &mut query.sort,
        &mut query.cursor,
    ] {
        field.take_if(|text| text.trim().is_empty());
    }
    query
}

fn href(path: &str, query: &TenantQuery, change: impl FnOnce(&mut TenantQuery)) -> String {
    let mut query = query.clone();
    query.cursor = None;
    change(&mut query);
    match serde_urlencoded::to_string(&query) {
        Ok(text) if !text.is_empty() => format!("{path}?{text}"),
        _ => path.to_owned(),
    }
}

const PATH: &str = "/admin/tenants";

fn tabs(v: &View, query: &TenantQuery) -> Vec<Tab> {
    let all = Tab {
        href: href(PATH, query, |query| query.state = None),
        word: v.tab_all.to_string(),
        is_here: query.state.is_none(),
    };
    let others = TABS.iter().map(|state| Tab {
        href: href(PATH, query, |query| query.state = Some((*state).to_owned())),
        word: v.word("state", state),
        is_here: query.state.as_deref() == Some(*state),
    });
    std::iter::once(all).chain(others).collect()
}

fn columns(v: &View, query: &TenantQuery) -> Vec<Column> {
    let now = query.sort.as_deref().unwrap_or("-created_at");
    let column = |key: &str, class, word: String| {
        let (is_here, falls) = (now.trim_start_matches('-') == key, now.starts_with('-'));
        let sort = match (is_here, falls) {
            (true, false) => format!("-{key}"),
            _ => key.to_owned(),
        };
        let href = match key.is_empty() {
            true => String::new(),
            false => href(PATH, query, |query| query.sort = Some(sort)),
        };
        let sorted = match (is_here && !key.is_empty(), falls) {
            (false, _) => "",
            (true, true) => "descending",
            (true, false) => "ascending",
        };
        Column {
            class,
            word,
            href,
            sorted,
        }
    };
    vec![
        column("company_name", "", v.company.to_string()),
        column("", "", v.state.to_string()),
        column("", "col-plan mid-only", v.plan.to_string()),
        column("", "col-product wide-only", v.product.to_string()),
        column("", "col-node wide-only", v.node.to_string()),
        column("", "col-expires wide-only", v.expires.to_string()),
        column("created_at", "col-created wide-only", v.created.to_string()),
    ]
}

fn count(v: &View, page: &TenantPage) -> String {
    let total = v.number(&page.total);
    match page.total_is_exact {
        true => v.tenants_count.with(total),
        false => v.tenants_more.with(total),
    }
}

/// The page.
pub(crate) async fn tenants(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<TenantQuery>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let query = asked(query);
    let found = async { Ok(app.control.tenants(&caller, &query).await?) };
    let (page_found, choices) = tokio::try_join!(found, Choices::of(&app, &caller))?;
    Ok(page(made(v, query, choices, page_found).render()))
}

fn made(v: View, query: TenantQuery, choices: Choices, mut found: TenantPage) -> TenantsPage {
    let row = |tenant: &Tenant| Row {
        host: host(&tenant.url),
        values: values(tenant),
        tenant: tenant.clone(),
    };
    let next = found.next_cursor.take();
    let is_filtered = [
        &query.state,
        &query.plan,
        &query.product,
        &query.node,
        &query.expires_in,
        &query.search,
    ]
    .iter()
    .any(|field| field.is_some());
    let span = |days: &i64| (format!("{days}d"), v.expires_within.with(days));
    TenantsPage {
        spans: SPANS.iter().map(span).collect(),
        rows: found.items.iter().map(row).collect(),
        tabs: tabs(&v, &query),
        columns: columns(&v, &query),
        choosable: vec![
            ("plan", v.plan.to_string()),
            ("product", v.product.to_string()),
            ("node", v.node.to_string()),
            ("expires", v.expires.to_string()),
            ("created", v.created.to_string()),
        ],
        count: count(&v, &found),
        csv: href(export::TENANTS, &query, |query| query.limit = None),
        first: query.cursor.is_some().then(|| href(PATH, &query, |_| {})),
        next: next.map(|cursor| href(PATH, &query, |query| query.cursor = Some(cursor))),
        is_filtered,
        page: found,
        query,
        choices,
        v,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_page_names_only_what_is_asked_for() {
        let query = TenantQuery {
            plan: Some("basic".to_owned()),
            search: Some(" ".to_owned()),
            cursor: Some("x".to_owned()),
            ..TenantQuery::default()
        };
        let query = asked(query);
        assert_eq!(href(PATH, &query, |_| {}), "/admin/tenants?plan=basic");
        let state = href(PATH, &query, |query| query.state = Some("paused".to_owned()));
        assert_eq!(state, "/admin/tenants?state=paused&plan=basic");
    }

    #[test]
    fn a_day_that_is_over_is_the_last() -> Result<(), jiff::Error> {
        assert_eq!(last_day("2027-01-01T00:00:00Z".parse()?), "2026-12-31");
        assert_eq!(last_day("2027-01-01T00:00:01Z".parse()?), "2027-01-01");
        Ok(())
    }

    #[test]
    fn a_host_is_an_address_without_its_scheme() {
        assert_eq!(host("http://acme.localhost:8080/"), "acme.localhost:8080");
    }
}
