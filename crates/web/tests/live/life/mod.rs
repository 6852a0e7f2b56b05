//! A tenant's life after its creation.

mod bulk;
mod busy;
mod closing;
mod deletion;
mod rename;
mod states;
mod suspension;

use crate::app::Outcome;
use crate::app::answer::Answer;
use crate::app::worker::Worker;
use crate::app::{App, database::Database};
use serde_json::Value;
use std::time::Duration;
use testkit::eventually;

/// An app with the tenant `acme`, and a worker that does all it is told.
async fn with_tenant() -> Outcome<(App, Worker)> {
    let (app, worker) = App::with_worker().await?;
    app.tenant("acme").await?;
    Ok((app, worker))
}

/// The tenant as the API shows it.
async fn show(app: &App, name: &str) -> Outcome<Value> {
    app.get(&format!("/api/tenants/{name}")).await?.expect(200)
}

/// Waits until no command is open.
async fn quiet(database: &Database) -> Outcome {
    let none = async || database.open_commands().await.is_ok_and(|open| open.is_empty());
    Ok(eventually(Duration::from_secs(10), none).await?)
}

/// The operation that an accepted change began.
fn operation_of(answer: Answer) -> Outcome<String> {
    let body = answer.expect(202)?;
    Ok(body["operation_id"].as_str().ok_or("no operation")?.to_owned())
}
