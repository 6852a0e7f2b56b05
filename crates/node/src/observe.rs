//! Tells the server what the node sees of itself, and hears what it should keep.

use crate::client::ServerClient;
use crate::error::{NodeError, chain};
use crate::managed::Subject;
use crate::room::Room;
use crate::sizes::Sizes;
use crate::{capacity, point_in_time, pool, tenants_seen, unmanaged};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use wire::node::Observed;

/// How often.
const EVERY: Duration = Duration::from_secs(20);
/// How long the edge may take.
const EDGE_PATIENCE: Duration = Duration::from_secs(2);

/// Tells for ever.
pub(crate) async fn keep(room: Arc<Room>, server: Arc<ServerClient>) {
    let mut sizes = Sizes::default();
    loop {
        if let Err(error) = once(&room, &server, &mut sizes).await {
            tracing::debug!(error = chain(&error), "what the node sees was not told");
        }
        sleep(EVERY).await;
    }
}

async fn once(room: &Room, server: &ServerClient, sizes: &mut Sizes) -> Result<(), NodeError> {
    sizes.look(room).await?;
    let observed = Observed {
        pools: pool::observe(room).await?,
        unmanaged: unmanaged::look(room).await?,
        managed: Some(tenants_seen::look(room).await?),
        edge_digest: edge_digest(room).await,
        capacity: Some(capacity::look(room).await?),
        sizes: sizes.databases().clone(),
        file_sizes: sizes.files(),
        point_in_time: point_in_time::observed(room).await?,
    };
    let answer = server.observed(&observed).await?;
    room.obey(&answer.rules);
    if answer.rotate {
        server.rotate().await?;
    }
    for state in &observed.pools {
        let said = answer.pools.iter().find(|size| size.template == state.template);
        let subject = Subject::Template(state.template.clone());
        pool::set_wanted(room, &subject, said.map(|size| size.size)).await?;
    }
    Ok(())
}

/// What the edge says that it has loaded.
async fn edge_digest(room: &Room) -> Option<String> {
    let edge = room.settings.edge.as_ref()?;
    let mut address = edge.url.clone();
    address.set_path("/.edge-digest");
    let request = room.http.get(address).timeout(EDGE_PATIENCE);
    let answer = request.send().await.ok()?.error_for_status().ok()?;
    let text = answer.text().await.ok()?;
    let text = text.trim();
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| text.to_owned())
}
