//! The tenants' databases that the node manages, as they are: for the server to compare with what it believes.

use crate::error::NodeError;
use crate::managed::{self, Managed, Standing, Subject};
use crate::room::Room;
use sqlx::Row;
use std::collections::HashSet;
use wire::node::ManagedSeen;

/// All of them. One that is being made is nobody's yet.
pub(crate) async fn look(room: &Room) -> Result<Vec<ManagedSeen>, NodeError> {
    let there = sqlx::query("SELECT oid::bigint AS oid, datname::text AS name FROM pg_database")
        .fetch_all(&room.journal.pool)
        .await?;
    let there: HashSet<(i64, String)> = there
        .iter()
        .map(|row| Ok((row.try_get("oid")?, row.try_get("name")?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let managed = managed::all(&room.journal.pool).await?;
    Ok(managed
        .iter()
        .filter_map(|one| describe(room, one, &there))
        .collect())
}

fn describe(room: &Room, one: &Managed, there: &HashSet<(i64, String)>) -> Option<ManagedSeen> {
    let Subject::Tenant(tenant) = one.subject else {
        return None;
    };
    if matches!(
        one.standing,
        Standing::Building | Standing::Replaced | Standing::Pooled
    ) {
        return None;
    }
    let name = one.name.as_str().to_owned();
    let exists = one.oid.is_some_and(|oid| there.contains(&(oid, name.clone())));
    Some(ManagedSeen {
        tenant,
        exists,
        standing: one.standing.as_str().to_owned(),
        marker: room.markers.seen(&one.name).to_owned(),
        generation: one.generation,
        database: name,
    })
}
