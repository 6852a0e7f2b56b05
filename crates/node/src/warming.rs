//! Asks Odoo for a tenant's login page once, so that the first visitor does not pay for the loading.

use crate::error::chain;
use crate::identifier::Identifier;
use crate::room::Room;
use std::sync::Arc;
use std::time::Duration;

/// A cold worker on a busy machine took 20 s at worst.
const PATIENCE: Duration = Duration::from_secs(60);

/// Begins to warm a tenant up. Nobody waits for it, and its failure is only logged.
pub(crate) fn begin(room: &Arc<Room>, database: &Identifier) {
    let (room, database) = (Arc::clone(room), database.clone());
    tokio::spawn(async move {
        // Nothing closes this semaphore.
        let _permit = room.warming.acquire().await.ok();
        match ask(&room, &database).await {
            Ok(status) => tracing::debug!(%database, status, "warmed up"),
            Err(error) => tracing::debug!(%database, error = chain(&error), "not warmed up"),
        }
    });
}

async fn ask(room: &Room, database: &Identifier) -> reqwest::Result<u16> {
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
