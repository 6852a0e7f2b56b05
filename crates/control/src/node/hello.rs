//! A node says what it is and can do; it is never told to do what it does not know.

use crate::node::enrol::NodeSession;
use crate::{Client, Control, ControlError};
use domain::NodeId;
use std::collections::BTreeSet;
use store::Actor;
use wire::handshake::{FIRST_ORDERS, Hello, HelloAnswer, KnownOrder};
use wire::operation::Failure;

/// The most orders that are taken note of.
const MOST_ORDERS: usize = 200;
/// The longest word of a node that is kept.
const LONGEST_WORD: usize = 60;
/// From which difference on a clock is wrong, in milliseconds.
const CLOCK_TOLERANCE: i64 = 5_000;

impl Control {
    /// Takes what a node says that it is and can do.
    ///
    /// # Errors
    /// As for any use case.
    pub async fn node_hello(
        &self,
        session: NodeSession,
        client: &Client,
        hello: &Hello,
    ) -> Result<HelloAnswer, ControlError> {
        let now = self.world.now();
        let ahead = hello.time.as_millisecond().saturating_sub(now.as_millisecond());
        if ahead.abs() > CLOCK_TOLERANCE {
            tracing::warn!(node = %session.node, ahead_ms = ahead, "a node's clock is wrong");
        }
        let kept = Hello {
            version: word(&hello.version),
            orders: hello.orders.iter().take(MOST_ORDERS).map(order).collect(),
            products: hello
                .products
                .iter()
                .take(MOST_ORDERS)
                .map(|name| word(name))
                .collect(),
            postgres: hello.postgres.as_deref().map(word),
            time: hello.time,
        };
        let kept = serde_json::to_value(kept).map_err(ControlError::internal)?;
        let scoped = self.store.on_behalf_of(Actor::Node(session.node));
        scoped
            .greet_node(session.node, &kept, client.address, ahead, now)
            .await?;
        Ok(HelloAnswer {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock_ahead_ms: ahead,
        })
    }

    /// The kinds of orders that a node knows.
    pub(crate) async fn known_orders(&self, node: NodeId) -> Result<BTreeSet<String>, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::Node(node));
        let identity = scoped.node_identity(node).await?;
        let hello = identity
            .and_then(|identity| identity.hello)
            .and_then(|hello| serde_json::from_value::<Hello>(hello).ok());
        Ok(match hello {
            Some(hello) => hello.orders.into_iter().map(|order| order.kind).collect(),
            None => FIRST_ORDERS.map(ToOwned::to_owned).into(),
        })
    }
}

/// Why an order is not given to a node.
pub(crate) fn unknown(kind: &str) -> Failure {
    Failure {
        code: "order-unknown".to_owned(),
        detail: format!(
            "The node's agent does not know the order {kind}. Bring the agent up to date, and ask again."
        ),
    }
}

fn order(order: &KnownOrder) -> KnownOrder {
    KnownOrder {
        kind: word(&order.kind),
        version: order.version,
    }
}

fn word(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_WORD)
        .collect()
}
