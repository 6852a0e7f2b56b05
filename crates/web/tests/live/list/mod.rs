//! Lists of tenants: filter, search, order, pages, and what they answer when the database is away.

mod outage;
mod paging;
mod search;

use crate::app::{App, Outcome};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

/// Enrols the node `alpha` and writes down tenants on it.
async fn seed(app: &App, rows: &str) -> Outcome {
    app.enrol("alpha").await?;
    insert(app, rows).await
}

/// Writes down tenants, as the API would have made them but faster.
async fn insert(app: &App, rows: &str) -> Outcome {
    let columns = "id, subdomain, database_name, host_label, company_name, admin_email, plan, product, node_id, template,
        state, generation, language, created_at, updated_at";
    // They are old enough for a backup, which nobody here would take.
    app.database
        .run("UPDATE backup_store SET is_scheduled = false")
        .await?;
    app.database
        .run(&format!("INSERT INTO tenant ({columns}) SELECT {rows}"))
        .await
}

/// One page.
async fn page(app: &App, parameters: &[(&str, &str)]) -> Outcome<Value> {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let query: Vec<String> = parameters
        .iter()
        .map(|(key, value)| format!("{key}={}", encode(value)))
        .collect();
    app.get(&format!("/api/tenants?{}", query.join("&")))
        .await?
        .expect(200)
}

/// The subdomains of a page, in its order.
fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .filter_map(|tenant| tenant["subdomain"].as_str())
        .map(ToOwned::to_owned)
        .collect()
}
