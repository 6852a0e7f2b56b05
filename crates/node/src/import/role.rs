//! The role that fills an imported database: it can log in there and make things there, and nothing else anywhere.

use crate::error::{NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::order::empty;
use crate::random;
use crate::room::Room;
use crate::scram::Verifier;
use crate::statement;
use domain::Secret;
use sqlx::{Connection, Row};

const ATTRIBUTES: &str = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT";

/// Makes it, with a password that nobody else learns.
pub(crate) async fn make(
    room: &Room,
    database: &Identifier,
    role: &Identifier,
) -> Result<Secret<String>, StepFailure> {
    let (pool, roles) = (&room.journal.pool, &room.journal.roles);
    let password = Secret::new(hex::encode(random::bytes::<32>()));
    statement::set_role(pool, role, ATTRIBUTES, &Verifier::new(&password), false)
        .await
        .map_err(NodeError::from)?;
    grant_to_node(room, role).await?;
    statement::grant_connect(pool, database, role)
        .await
        .map_err(NodeError::from)?;
    statement::let_create(pool, database, role)
        .await
        .map_err(NodeError::from)?;
    statement::forbid_create(pool, database, &roles.odoo)
        .await
        .map_err(NodeError::from)?;
    let mut connection = room.connect(database).await?;
    let given = statement::give_schema(&mut connection, role).await;
    connection.close().await.map_err(NodeError::from)?;
    given.map_err(NodeError::from)?;
    Ok(password)
}

/// The node must be able to give away what the role made.
async fn grant_to_node(room: &Room, role: &Identifier) -> Result<(), StepFailure> {
    let pool = &room.journal.pool;
    let row = sqlx::query("SELECT current_setting('server_version_num')::int >= 160000 AS new")
        .fetch_one(pool)
        .await
        .map_err(NodeError::from)?;
    let options = match row.try_get("new").map_err(NodeError::from)? {
        true => " WITH INHERIT TRUE, SET TRUE",
        false => "",
    };
    let granted = statement::grant_role(pool, role, &room.journal.roles.node, options).await;
    Ok(granted.map_err(NodeError::from)?)
}

/// Gives everything that it made to Odoo's role, and drops it.
pub(crate) async fn hand_over(
    room: &Room,
    database: &Identifier,
    role: &Identifier,
) -> Result<(), StepFailure> {
    let mut connection = room.connect(database).await?;
    let given = statement::hand_over(&mut connection, role, &room.journal.roles.odoo).await;
    connection.close().await.map_err(NodeError::from)?;
    given.map_err(NodeError::from)?;
    let dropped = statement::drop_role(&room.journal.pool, role).await;
    Ok(dropped.map_err(NodeError::from)?)
}

/// Drops database and role.
pub(crate) async fn unmake(room: &Room, database: &Identifier, role: &Identifier) -> Result<(), StepFailure> {
    empty::unmake(room, database).await?;
    let dropped = statement::drop_role(&room.journal.pool, role).await;
    Ok(dropped.map_err(NodeError::from)?)
}
