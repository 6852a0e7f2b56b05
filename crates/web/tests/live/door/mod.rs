//! The front door as clients meet it.

mod legitimate;
mod limits;
mod origins;
mod pages;
mod redaction;
mod secure;
mod settings;
mod slow;
mod wall;

use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::{Method, RequestBuilder};
use std::time::Duration;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request of a client at this address, for an app behind a proxy.
fn from(app: &App, address: &str, method: Method, path: &str) -> RequestBuilder {
    app.request(method, path).header("x-forwarded-for", address)
}

/// What this client is told when it reads this.
async fn read(app: &App, address: &str, path: &str) -> Outcome<Answer> {
    Answer::of(from(app, address, Method::GET, path)).await
}
