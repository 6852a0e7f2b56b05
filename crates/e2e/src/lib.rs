//! What the end-to-end tests share: the running installation, its API, a visitor with cookies, its databases.
//!
//! `scripts/test` starts the installation and names its data folder in `TENANTRY_E2E`.

mod api;
mod bucket;
mod installation;
mod odoo_tool;
mod postgres;
mod visitor;

pub use api::{Answer, Api};
pub use bucket::{Bucket, bare};
pub use installation::Installation;
pub use postgres::Postgres;
pub use visitor::{Page, Visitor};

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Waits until `condition` holds, looking often.
///
/// # Errors
/// When it does not hold within `patience`.
pub async fn eventually<F, R>(patience: Duration, what: &str, mut condition: F) -> anyhow::Result<()>
where
    F: FnMut() -> R,
    R: Future<Output = bool>,
{
    let deadline = Instant::now() + patience;
    while !condition().await {
        anyhow::ensure!(Instant::now() < deadline, "not within {patience:?}: {what}");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "names of tests that run at once must differ"
)]
/// A name that no other test uses: `prefix` and eight random digits.
pub fn unique(prefix: &str) -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    format!("{prefix}{}", random.get(..8).unwrap_or_default())
}
