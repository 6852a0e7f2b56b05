//! Clones that wait ready, so that a tenant need not wait for its clone.
//!
//! A waiting clone belongs to the node's role: neither Odoo nor its cron sees it. It is offered only after a check
//! and only while the template that it was made from is in force. One is taken by one statement, which skips what
//! another statement is taking, so that none is handed out twice.

mod fill;
mod policy;
mod sessions;
mod take;

pub(crate) use fill::{keep, sweep, tend};
pub(crate) use policy::{observe, set_wanted};
pub(crate) use sessions::Sessions;
pub(crate) use take::take;

use crate::error::StepFailure;
use crate::identifier::Identifier;
use crate::managed;
use crate::room::Room;
use crate::statement;

/// Removes a clone with its files. Removing it again is nothing new.
pub(crate) async fn discard(room: &Room, name: &Identifier) -> Result<(), StepFailure> {
    room.sessions.forget(name);
    statement::drop_database(&room.journal.pool, name).await?;
    let (filestores, folder) = (room.filestores.clone(), name.clone());
    room.blocking(move || filestores.remove(&folder).map_err(StepFailure::from))
        .await?;
    Ok(managed::forget(&room.journal.pool, name).await?)
}
