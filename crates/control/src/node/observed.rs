//! What nodes see of themselves: their pools, the databases that nobody manages, their edge.

use crate::node::enrol::NodeSession;
use crate::{Caller, Control, ControlError};
use domain::{Action, NodeName};
use store::{Actor, Measured};
use wire::apikey::NodeDetail;
use wire::handshake::Hello;
use wire::node::{Observed, ObservedAnswer, PoolSize};

impl Control {
    /// Takes what a node says of itself, and tells it what it should keep.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn node_observed(
        &self,
        session: NodeSession,
        observed: &Observed,
    ) -> Result<ObservedAnswer, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::Node(session.node));
        let sizes = measured(observed);
        let observed = serde_json::to_value(observed).map_err(ControlError::internal)?;
        scoped
            .observe_node(session.node, &observed, self.world.now())
            .await?;
        scoped.note_sizes(session.node, &sizes, self.world.now()).await?;
        let pools = scoped.pool_sizes(session.node).await?;
        let pools = pools.into_iter().map(|(template, size)| PoolSize {
            template,
            size: size.unsigned_abs(),
        });
        Ok(ObservedAnswer {
            rotate: self.wants_rotation(session.node).await?,
            pools: pools.collect(),
            rules: self.live().pool,
        })
    }

    /// One node with what it last said of itself.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn node(&self, caller: &Caller, name: &NodeName) -> Result<NodeDetail, ControlError> {
        caller.require(Action::ReadNodes)?;
        let scoped = self.store.on_behalf_of(caller.actor());
        let records = scoped.nodes().await?;
        let record = records.into_iter().find(|node| node.name == *name);
        let record = record.ok_or(ControlError::NotFound("node"))?;
        let said = scoped.node_observed(record.id).await?;
        let observed_at = said.as_ref().map(|(_, at)| *at);
        let observed = match said {
            Some((said, _)) => serde_json::from_value(said).map_err(ControlError::internal)?,
            None => Observed::default(),
        };
        let identity = scoped.node_identity(record.id).await?;
        let hello = identity.as_ref().and_then(|identity| identity.hello.clone());
        let hello = hello.and_then(|hello| serde_json::from_value::<Hello>(hello).ok());
        Ok(NodeDetail {
            credential_at: identity.as_ref().map(|identity| identity.credential_at),
            clock_ahead_ms: identity.as_ref().and_then(|identity| identity.clock_skew_ms),
            postgres: hello.as_ref().and_then(|hello| hello.postgres.clone()),
            orders: hello.map(|hello| hello.orders).unwrap_or_default(),
            node: self.node_view(record),
            observed_at,
            pools: observed.pools,
            unmanaged: observed.unmanaged,
            edge_digest: observed.edge_digest,
            capacity: observed.capacity,
            point_in_time: observed.point_in_time,
        })
    }
}

/// The sizes that a node tells, tenant by tenant.
fn measured(observed: &Observed) -> Vec<Measured> {
    let count = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let each = observed.sizes.iter().map(|(tenant, bytes)| Measured {
        tenant: *tenant,
        database_bytes: count(*bytes),
        file_bytes: observed.file_sizes.get(tenant).copied().map(count),
    });
    each.collect()
}
