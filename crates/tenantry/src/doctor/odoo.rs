//! Odoo: it answers, it obeys the edge's filter, and remote procedure calls obey it too.

use super::{Finding, Local};
use reqwest::{Client, StatusCode, header};
use serde::Deserialize;
use std::path::Path;

/// What the log says when our add-on is loaded.
const GUARD_IS_LIVE: &str = "tenantry_guard: remote procedure calls obey the database filter";

/// Odoo answers.
pub(super) async fn answers(client: &Client, odoo: &str) -> Finding {
    match client.get(format!("{odoo}/web/health")).send().await {
        Ok(answer) if answer.status().is_success() => {
            Finding::good("odoo", format!("Odoo answers at {odoo}."))
        }
        Ok(answer) => Finding::bad(
            "odoo",
            format!("Odoo answers {}; see log/odoo.log.", answer.status()),
        ),
        Err(_) => Finding::bad("odoo", format!("Nothing answers at {odoo}; see log/odoo.log.")),
    }
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    database: String,
}

/// How many tenants are asked for: the first may be closed, renamed or removed while it is looked at.
const TRIED_TENANTS: usize = 5;

/// The add-on `dbfilter_from_header` is loaded: a filter that fits no database shows none, one that fits a tenant
/// shows that tenant. The oldest tenants are tried: the newest are the likeliest to be in the middle of a change.
pub(super) async fn filter(client: &Client, local: &Local) -> Finding {
    const NAME: &str = "dbfilter_from_header";
    let mend = "Load it by server_wide_modules and set proxy_mode; see log/odoo.log.";
    match login_page(client, local, "^no database has this name$").await {
        // Odoo leads to its selector; our add-on says "not now" in its place.
        Ok((StatusCode::SEE_OTHER, told)) if told.contains("/web/database/") => {}
        Ok((StatusCode::SERVICE_UNAVAILABLE, told)) if !told.is_empty() => {}
        Ok((status, _)) => {
            return Finding::bad(
                NAME,
                format!("A filter that fits nothing is answered {status}. {mend}"),
            );
        }
        Err(error) => return Finding::bad(NAME, format!("Odoo does not answer: {}.", error.without_url())),
    }
    let tenants = tenants(client, local).await;
    if tenants.is_empty() {
        return Finding::good(
            NAME,
            "A filter that fits nothing shows nothing; there is no active tenant to try the other way.",
        );
    }
    let mut last = Finding::bad(NAME, mend);
    for tenant in tenants {
        last = match login_page(client, local, &format!("^{}$", tenant.database)).await {
            Ok((StatusCode::OK, _)) => return Finding::good(NAME, "Odoo obeys the edge's filter."),
            Ok((status, _)) => Finding::bad(
                NAME,
                format!("The filter of {} is answered {status}. {mend}", tenant.database),
            ),
            Err(error) => Finding::bad(NAME, format!("Odoo does not answer: {}.", error.without_url())),
        };
    }
    last
}

async fn tenants(client: &Client, local: &Local) -> Vec<Tenant> {
    let query = format!("state=active&sort=created_at&limit={TRIED_TENANTS}");
    let asked = client
        .get(format!("{}/api/tenants?{query}", local.server))
        .header("X-API-KEY", &local.api_key);
    match asked.send().await {
        Ok(answer) => answer
            .json()
            .await
            .map_or_else(|_| Vec::new(), |page: Page| page.items),
        Err(_) => Vec::new(),
    }
}

/// The status of the login page under this filter, and where it leads or when to come again.
async fn login_page(client: &Client, local: &Local, filter: &str) -> reqwest::Result<(StatusCode, String)> {
    let request = client
        .get(format!("{}/web/login", local.odoo))
        .header("X-Odoo-dbfilter", filter);
    let answer = request
        .header("X-Forwarded-Host", "doctor.localhost")
        .send()
        .await?;
    let headers = answer.headers();
    let told = headers.get(header::LOCATION).or(headers.get(header::RETRY_AFTER));
    let told = told.and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok((answer.status(), told.to_owned()))
}

/// Our add-on is loaded: Odoo serves without it when it cannot find it, and says so only in its log.
pub(super) fn guard(data: &Path) -> Finding {
    const NAME: &str = "tenantry_guard";
    let log = data.join("log/odoo.log");
    match std::fs::read(&log) {
        Ok(bytes) if String::from_utf8_lossy(&bytes).contains(GUARD_IS_LIVE) => {
            Finding::good(NAME, "Remote procedure calls obey the edge's filter.")
        }
        Ok(_) => Finding::bad(
            NAME,
            format!("{} does not say that it was loaded.", log.display()),
        ),
        Err(error) => Finding::bad(NAME, format!("{} cannot be read: {error}.", log.display())),
    }
}
