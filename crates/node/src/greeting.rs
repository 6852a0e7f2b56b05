//! What the node says of itself when it meets the server.

use crate::clock;
use crate::error::NodeError;
use crate::order::ORDERS;
use crate::room::Room;
use wire::handshake::{Hello, HelloAnswer, KnownOrder};

/// From which difference on a clock is wrong, in milliseconds.
const CLOCK_TOLERANCE: i64 = 5_000;
/// The form of the orders that this agent understands.
const ORDER_VERSION: u32 = 1;

/// What this agent is and can do.
pub(crate) async fn hello(room: &Room) -> Result<Hello, NodeError> {
    let postgres: String = sqlx::query_scalar("SELECT current_setting('server_version')")
        .fetch_one(&room.journal.pool)
        .await?;
    let orders = ORDERS.iter().map(|(kind, _)| KnownOrder {
        kind: (*kind).to_owned(),
        version: ORDER_VERSION,
    });
    Ok(Hello {
        version: room.settings.version.clone(),
        orders: orders.collect(),
        products: vec!["odoo".to_owned()],
        postgres: Some(postgres),
        time: clock::now(),
    })
}

/// Tells what the server thinks of this node's clock.
pub(crate) fn heed(answer: &HelloAnswer) {
    if answer.clock_ahead_ms.abs() > CLOCK_TOLERANCE {
        tracing::warn!(
            ahead_ms = answer.clock_ahead_ms,
            "this node's clock is not the server's; see to its time service"
        );
    }
    tracing::debug!(server = answer.version, "the server was met");
}
