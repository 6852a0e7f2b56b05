//! What a node does that was taken out while nobody heard of it: it closes every tenant that it still has.

use crate::error::{NodeError, StepFailure};
use crate::managed::{self, Managed, Standing, Subject};
use crate::marker::Marker;
use crate::order::gate;
use crate::room::Room;

/// Closes every tenant that is open: first all of them at the edge, then each at the database. Nothing is dropped.
/// Gives how many there were.
///
/// # Errors
/// When PostgreSQL does not answer or a file cannot be written; asked again, it goes on where it was.
pub(crate) async fn close_everything(room: &Room) -> Result<usize, StepFailure> {
    let open = open_tenants(room).await?;
    for tenant in &open {
        room.markers.set(&tenant.name, Some(Marker::Maintenance))?;
    }
    for tenant in &open {
        let _turn = room.turn(&tenant.subject).await;
        gate::shut(room, &tenant.subject, Standing::Maintenance).await?;
        gate::end_sessions(room, &tenant.subject).await?;
    }
    Ok(open.len())
}

async fn open_tenants(room: &Room) -> Result<Vec<Managed>, NodeError> {
    let all = managed::all(&room.journal.pool).await?;
    let is_open =
        |tenant: &Managed| matches!(tenant.subject, Subject::Tenant(_)) && tenant.standing.is_odoo_s();
    Ok(all.into_iter().filter(is_open).collect())
}
