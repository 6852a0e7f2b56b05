//! Looking at nodes.

use crate::{Caller, Control, ControlError};
use domain::Action;
use jiff::SignedDuration;
use store::NodeRecord;
use wire::apikey::Node;

/// A node asks at least every thirty seconds; two missed rounds mean that it is away.
pub(crate) const AWAY_AFTER: SignedDuration = SignedDuration::from_secs(75);

impl Control {
    /// Every node, by name.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn nodes(&self, caller: &Caller) -> Result<Vec<Node>, ControlError> {
        caller.require(Action::ReadNodes)?;
        let nodes = self.store.on_behalf_of(caller.actor()).nodes().await?;
        Ok(nodes.into_iter().map(|node| self.node_view(node)).collect())
    }

    /// A node as the API shows it.
    pub(crate) fn node_view(&self, node: NodeRecord) -> Node {
        let horizon = self.world.now() - AWAY_AFTER;
        let state = match node.last_seen_at.is_some_and(|seen| seen > horizon) {
            true => "online",
            false if self.is_lost(node.heard_at()) => "lost",
            false => "away",
        };
        Node {
            id: node.id.to_string(),
            name: node.name.to_string(),
            state: state.to_owned(),
            domain: node.domain.to_string(),
            address: node.address,
            version: node.version,
            tenants: node.tenants,
            enrolled_at: node.enrolled_at,
            last_seen_at: node.last_seen_at,
            mode: node.care.mode.to_string(),
            mode_reason: node.care.reason,
            mode_by: node.care.by,
            mode_at: node.care.at,
            max_tenants: node.care.max_tenants,
            labels: node.care.labels.into_iter().map(String::from).collect(),
        }
    }
}
