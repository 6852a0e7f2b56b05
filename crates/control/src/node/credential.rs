//! Who a node is, by its credential, and how that is exchanged for another.
//!
//! The node makes the new credential and keeps it before it tells its hash. From then on both work, until the new one is
//! used for the first time; so that no lost answer locks a node out, and the old one is worth nothing afterwards.

use crate::node::enrol::NodeSession;
use crate::sealing::token_hash;
use crate::{Caller, Control, ControlError};
use domain::{Action, NodeId, NodeName, Rule};
use jiff::SignedDuration;
use store::{Actor, AuditEntry, CredentialOf, Signal};
use wire::handshake::NextCredential;

/// How long a SHA-256 is, in bytes.
const HASH: usize = 32;

impl Control {
    /// Who a node is, by its credential. The first use of the one that follows ends the one before.
    ///
    /// # Errors
    /// [`ControlError::Unauthenticated`] when it is not known; [`ControlError::NodeRemoved`] when it was of a node
    /// that is no more.
    pub async fn authenticate_node(&self, credential: &str) -> Result<NodeSession, ControlError> {
        let hash = token_hash(credential);
        match self.store.credential_of(&hash).await? {
            None => Err(ControlError::Unauthenticated),
            Some(CredentialOf::Removed(_)) => Err(ControlError::NodeRemoved),
            Some(CredentialOf::Current(node)) => Ok(NodeSession { node }),
            Some(CredentialOf::Next(node)) => {
                self.promote(node, &hash).await?;
                Ok(NodeSession { node })
            }
        }
    }

    async fn promote(&self, node: NodeId, hash: &[u8]) -> Result<(), ControlError> {
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(Actor::Node(node)).begin().await?;
        if unit.promote_credential(node, hash, now).await? {
            unit.audit(AuditEntry {
                at: now,
                action: "node.credential",
                subject: &node.to_string(),
                operation: None,
                request_id: None,
                detail: serde_json::json!({}),
            })
            .await?;
        }
        Ok(unit.commit().await?)
    }

    /// Takes the hash of the credential that is to follow.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `sha256`.
    pub async fn offer_credential(
        &self,
        session: NodeSession,
        next: &NextCredential,
    ) -> Result<(), ControlError> {
        let hash = hex::decode(&next.sha256).ok().filter(|hash| hash.len() == HASH);
        let wrong = || {
            ControlError::field(
                "sha256",
                Rule::Length {
                    min: 2 * HASH,
                    max: 2 * HASH,
                },
            )
        };
        let hash = hash.ok_or_else(wrong)?;
        // One that is in use somewhere, whatever for, is none.
        match self.store.credential_of(&hash).await? {
            Some(CredentialOf::Current(node) | CredentialOf::Next(node)) if node == session.node => {
                return Ok(());
            }
            Some(_) => return Err(wrong()),
            None => {}
        }
        let mut unit = self.store.on_behalf_of(Actor::Node(session.node)).begin().await?;
        unit.offer_credential(session.node, &hash).await?;
        Ok(unit.commit().await?)
    }

    /// Has a node bring another credential; the one in force ends when the new one is used.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn rotate_node(&self, caller: &Caller, name: &NodeName) -> Result<(), ControlError> {
        caller.require(Action::EnrolNode)?;
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let node = unit.lock_node(name).await?;
        let (id, _) = node.ok_or(ControlError::NotFound("node"))?;
        unit.ask_for_rotation(id, now).await?;
        unit.audit(AuditEntry {
            at: now,
            action: "node.rotate",
            subject: name.as_str(),
            operation: None,
            request_id: caller.request_id.as_deref(),
            detail: serde_json::json!({}),
        })
        .await?;
        unit.signal(Signal::Node(id)).await?;
        Ok(unit.commit().await?)
    }

    /// Whether a node should bring another credential now.
    pub(crate) async fn wants_rotation(&self, node: NodeId) -> Result<bool, ControlError> {
        let identity = self
            .store
            .on_behalf_of(Actor::Node(node))
            .node_identity(node)
            .await?;
        let life = SignedDuration::from_hours(24 * i64::from(self.live().credential_days));
        Ok(identity.is_some_and(|identity| {
            identity.is_rotation_asked || identity.credential_at + life <= self.world.now()
        }))
    }
}
