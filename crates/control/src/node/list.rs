//! Looking at nodes.

use crate::{Caller, Control, ControlError};
use domain::access::Intent;
use jiff::SignedDuration;
use wire::apikey::Node;

/// A node asks at least every thirty seconds; two missed rounds mean that it is away.
const AWAY_AFTER: SignedDuration = SignedDuration::from_secs(75);

impl Control {
    /// Every node, by name.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn nodes(&self, caller: &Caller) -> Result<Vec<Node>, ControlError> {
        caller.require(Intent::Read)?;
        let horizon = self.world.now() - AWAY_AFTER;
        let nodes = self.store.on_behalf_of(caller.actor).nodes().await?;
        let view = |node: store::NodeRecord| Node {
            id: node.id.to_string(),
            name: node.name.to_string(),
            state: if node.last_seen_at.is_some_and(|seen| seen > horizon) {
                "online"
            } else {
                "away"
            }
            .to_owned(),
            domain: node.domain.to_string(),
            version: node.version,
            tenants: node.tenants,
            enrolled_at: node.enrolled_at,
            last_seen_at: node.last_seen_at,
        };
        Ok(nodes.into_iter().map(view).collect())
    }
}
