//! `GET /admin/tenants.csv`: what the table finds, all of it, as a file.

use super::tenants::asked;
use crate::App;
use crate::identity::Known;
use crate::input::Query;
use crate::problem::Answer;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use control::Caller;
use domain::Action;
use futures_util::{StreamExt as _, stream};
use wire::tenant::{Tenant, TenantQuery};

/// Where the file is.
pub(super) const TENANTS: &str = "/admin/tenants.csv";
const PAGE: i64 = 200;
const HEAD: &str =
    "subdomain,company,state,reasons,plan,product,node,address,admin_email,created_at,expires_at\r\n";

/// A field of the file. What a spreadsheet would take for a formula is marked as a text.
pub(crate) fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = match formula {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains(['"', ',', '\n', '\r', ';']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn line(tenant: &Tenant) -> String {
    let reasons = tenant.suspension_reasons.join(" ");
    let created = tenant.created_at.to_string();
    let expires = tenant.expires_at.map(|at| at.to_string()).unwrap_or_default();
    let fields = [
        &tenant.subdomain,
        &tenant.company_name,
        &tenant.state,
        &reasons,
        &tenant.plan,
        &tenant.product,
        &tenant.node,
        &tenant.url,
        &tenant.admin_email,
        &created,
        &expires,
    ];
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    format!("{}\r\n", fields.join(","))
}

/// Where the file stands.
enum Place {
    From(Box<TenantQuery>),
    End,
}

/// The file, page by page, so that a hundred thousand lines need no memory.
pub(crate) async fn tenants(
    State(app): State<App>,
    Known(caller): Known,
    Query(query): Query<TenantQuery>,
) -> Answer<Response> {
    caller.require(Action::ReadPanel)?;
    let mut query = asked(query);
    query.limit = Some(PAGE);
    query.cursor = None;
    let (first, place) = part(&app, &caller, query).await?;
    let lines = stream::unfold((place, app, caller), |(place, app, caller)| async move {
        let Place::From(query) = place else { return None };
        let next = part(&app, &caller, *query).await;
        match next {
            Ok((text, place)) => Some((Ok(text), (place, app, caller))),
            Err(_) => Some((
                Err(std::io::Error::other("the control database stopped answering")),
                (Place::End, app, caller),
            )),
        }
    });
    let begun = stream::once(async move { Ok(format!("\u{feff}{HEAD}{first}")) });
    // Compressing asks once more after the end.
    let body = Body::from_stream(begun.chain(lines).fuse());
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let name = HeaderValue::from_static("attachment; filename=\"tenants.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

async fn part(app: &App, caller: &Caller, mut query: TenantQuery) -> Answer<(String, Place)> {
    let page = app.control.tenants(caller, &query).await?;
    let text = page.items.iter().map(line).collect();
    let place = match page.next_cursor {
        Some(cursor) => {
            query.cursor = Some(cursor);
            Place::From(Box::new(query))
        }
        None => Place::End,
    };
    Ok((text, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_in_a_field_is_a_text() {
        assert_eq!(field("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(field("Acme, \"S.R.L.\""), "\"Acme, \"\"S.R.L.\"\"\"");
        assert_eq!(field("<b>Acme</b>"), "<b>Acme</b>");
    }
}
