//! An empty database that is filled before its tenant gets it, or before anybody sees it.

use crate::catalogue;
use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::managed;
use crate::room::Room;
use crate::statement;
use sqlx::Connection;

/// Makes it for the node alone, with a schema for Odoo's role, under a name that is claimed. What bore the name before is dropped:
/// it follows from an id, so that whatever bears it is a leftover of the same.
pub(crate) async fn make(room: &Room, name: &Identifier) -> Result<i64, StepFailure> {
    let (pool, roles) = (&room.journal.pool, &room.journal.roles);
    managed::unnumber(pool, name).await?;
    statement::drop_database(pool, name).await?;
    statement::create_database(pool, name, &roles.node).await?;
    statement::revoke_connect(pool, name, None).await?;
    let entry = catalogue::named(pool, name).await?;
    let oid = entry.map(|entry| entry.oid).ok_or_else(|| vanished(name))?;
    managed::number(pool, name, oid).await?;
    let mut connection = room.connect(name).await?;
    let given = statement::give_schema(&mut connection, &roles.odoo).await;
    connection.close().await?;
    given?;
    statement::let_create(pool, name, &roles.odoo).await?;
    Ok(oid)
}

/// Drops it; its name stays claimed.
pub(crate) async fn unmake(room: &Room, name: &Identifier) -> Result<(), StepFailure> {
    statement::drop_database(&room.journal.pool, name).await?;
    Ok(managed::unnumber(&room.journal.pool, name).await?)
}

/// Removes its folder, and forgets its name.
pub(crate) async fn unclaim(room: &Room, name: &Identifier) -> Result<(), StepFailure> {
    let (filestores, folder) = (room.filestores.clone(), name.clone());
    room.blocking(move || filestores.remove(&folder).map_err(StepFailure::from))
        .await?;
    Ok(managed::forget(&room.journal.pool, name).await?)
}

fn vanished(database: &Identifier) -> StepFailure {
    StepFailure::new(
        Code::Internal,
        format!("The database {database} vanished while it was being filled."),
    )
}
