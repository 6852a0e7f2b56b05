//! Tenants as the measurements need them: made with a stopwatch, looked at, removed again.

use crate::ground::Ground;
use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use wire::operation::Operation;

/// The administrator's password, where one is given.
pub(crate) const PASSWORD: &str = "a good long password";
/// How many tombstones are purged at once.
const PURGES: usize = 4;

/// How the administrator gets a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// By a one-time link.
    Link,
    /// With the request.
    Password,
}

/// A tenant that was just made.
pub(crate) struct Made {
    pub(crate) subdomain: String,
    /// From sending the request to its whole answer.
    pub(crate) took: Duration,
    /// When the request was sent and the answer there, by the clock that server and node use, too.
    pub(crate) sent: Timestamp,
    pub(crate) answered: Timestamp,
    operation: String,
}

impl Made {
    /// The address with which its administrator logs in.
    pub(crate) fn login(&self) -> String {
        login(&self.subdomain)
    }

    /// Its database's name.
    pub(crate) fn database(&self) -> String {
        self.subdomain.replace('-', "_")
    }
}

impl Ground {
    /// A name that was not given before.
    pub(crate) fn name(&self) -> String {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        format!("bench-{}-{number}", std::process::id())
    }

    /// Makes a tenant and stops the time from the call to its answer.
    ///
    /// # Errors
    /// When it is not made.
    pub(crate) async fn make(&self, access: Access) -> Result<Made> {
        let subdomain = self.name();
        let mut body = json!({
            "company_name": "Ferretería Gómez S.R.L.",
            "admin_email": login(&subdomain),
            "subdomain": subdomain,
            "plan": "basic",
        });
        if let (Access::Password, Some(body)) = (access, body.as_object_mut()) {
            body.insert("admin_password".to_owned(), PASSWORD.into());
        }
        let (sent, began) = (now(), Instant::now());
        let answer = self.api.ask(Method::POST, "/api/tenants", Some(&body)).await?;
        let (took, answered) = (began.elapsed(), now());
        let answer = answer.expect(201)?;
        Ok(Made {
            operation: answer.text("operation_id").to_owned(),
            subdomain,
            took,
            sent,
            answered,
        })
    }

    /// The operation that made a tenant.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) async fn operation(&self, made: &Made) -> Result<Operation> {
        let path = format!("/api/operations/{}", made.operation);
        let answer = self.api.send(Method::GET, &path, &[], None).await?.expect(200)?;
        Ok(serde_json::from_value(answer.body)?)
    }

    /// Deletes a tenant, so that neither Odoo nor its cron is kept busy with it.
    ///
    /// # Errors
    /// When it is refused.
    pub(crate) async fn remove(&self, made: &Made) -> Result<()> {
        self.api.remove(&made.subdomain).await?;
        let mut deleted = self.deleted.lock().unwrap_or_else(PoisonError::into_inner);
        deleted.push(made.subdomain.clone());
        Ok(())
    }

    /// Purges what was deleted, so that the number of databases stays what it was.
    ///
    /// # Errors
    /// When it is refused.
    pub(crate) async fn purge_deleted(&self) -> Result<()> {
        let deleted = std::mem::take(&mut *self.deleted.lock().unwrap_or_else(PoisonError::into_inner));
        let purge = async |name: String| {
            let path = format!("/api/tenants/{name}/purge");
            let body = json!({ "confirm": name });
            let answer = self.api.ask(Method::POST, &path, Some(&body)).await?.expect(200);
            answer.map(drop).with_context(|| format!("purging {name}"))
        };
        stream::iter(deleted)
            .map(purge)
            .buffer_unordered(PURGES)
            .try_collect()
            .await
    }
}

/// Whether the clone was taken from the pool.
///
/// # Errors
/// When the operation does not say.
pub(crate) fn from_pool(operation: &Operation) -> Result<bool> {
    let facts = operation.facts.as_ref();
    let from_pool = facts
        .and_then(|facts| facts.get("from_pool"))
        .and_then(Value::as_bool);
    from_pool.with_context(|| {
        format!(
            "operation {} does not say whether it took a ready clone",
            operation.id
        )
    })
}

fn login(subdomain: &str) -> String {
    format!("ana@{subdomain}.example.com")
}

#[expect(
    clippy::disallowed_methods,
    reason = "times of the server and of the node are compared with the client's own"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
