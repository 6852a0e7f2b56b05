//! Which node may use which end of a transfer. The server passes the stream on and keeps nothing of it.

use crate::node::enrol::NodeSession;
use crate::{ConflictReason, Control, ControlError};
use domain::TransferId;
use store::{Actor, TransferEnd};

impl Control {
    /// The end of the transfer at which the node is.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for any other node; [`ConflictReason::TransferOver`].
    pub async fn transfer_end(
        &self,
        session: NodeSession,
        id: TransferId,
    ) -> Result<TransferEnd, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::Node(session.node));
        match scoped.transfer(id, session.node).await? {
            None => Err(ControlError::NotFound("transfer")),
            Some(transfer) if transfer.is_over => Err(ControlError::Conflict(ConflictReason::TransferOver)),
            Some(transfer) => Ok(transfer.end),
        }
    }
}
