//! Asks Odoo for a tenant's login page, so that the first visitor does not pay for the loading.

use crate::error::chain;
use crate::identifier::Identifier;
use crate::room::Room;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// A cold worker on a busy machine took 20 s at worst.
const PATIENCE: Duration = Duration::from_secs(60);

/// Begins to warm a tenant up. Nobody waits for it, and its failure is only logged.
///
/// As many pages are asked for at once as Odoo has workers: each loads a database by itself, and takes no second request
/// while it does.
pub(crate) fn begin(room: &Arc<Room>, database: &Identifier) {
    let (room, database) = (Arc::clone(room), database.clone());
    tokio::spawn(async move {
        // Nothing closes this semaphore.
        let _permit = room.warming.acquire().await.ok();
        let mut asking = JoinSet::new();
        for _ in 0..room.settings.odoo_workers {
            let (room, database) = (Arc::clone(&room), database.clone());
            asking.spawn(async move { ask(&room, &database).await });
        }
        for answer in asking.join_all().await {
            match answer {
                Ok(status) => tracing::debug!(%database, status, "warmed up"),
                Err(error) => tracing::debug!(%database, error = chain(&error), "not warmed up"),
            }
        }
    });
}

/// Asks for the login page once.
pub(crate) async fn ask(room: &Room, database: &Identifier) -> reqwest::Result<u16> {
    let mut url = room.settings.odoo_url.clone();
    url.set_path("/web/login");
    let answer = room
        .http
        .get(url)
        // Anchored: Odoo matches it as a prefix.
        .header("X-Odoo-dbfilter", format!("^{database}$"))
        .timeout(PATIENCE)
        .send()
        .await?;
    let status = answer.status().as_u16();
    // The page is rendered while it is read.
    answer.bytes().await?;
    Ok(status)
}
