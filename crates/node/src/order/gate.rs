//! Shutting a tenant and opening it again: the steps that suspending, moving and deleting have in common.

use crate::catalogue::{self, Ended};
use crate::cause;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing, Subject};
use crate::marker::Marker;
use crate::odoo::parameter;
use crate::order::end_and_transfer;
use crate::room::Room;
use sqlx::Connection;

/// Gives a database its next standing and, unless it is open, ends every session on it.
pub(crate) async fn shut(room: &Room, subject: &Subject, standing: Standing) -> Result<(), StepFailure> {
    let now = current(room, subject).await?;
    room.journal
        .transfer(
            &now,
            &Managed {
                standing,
                ..now.clone()
            },
        )
        .await?;
    Ok(())
}

/// Ends the sessions and makes sure that none is left, but for a backup's. Returns how many there were.
pub(crate) async fn end_sessions(room: &Room, subject: &Subject) -> Result<u64, StepFailure> {
    let now = current(room, subject).await?;
    let Some(oid) = now.oid else { return Ok(0) };
    catalogue::end_sessions(&room.journal.pool, oid, Ended::AllButOwn).await
}

/// Brings a tenant back to what it was before an order: name, files, owner, standing.
pub(crate) async fn bring_back(room: &Room, before: &Managed) -> Result<(), StepFailure> {
    let now = current(room, &before.subject).await?;
    room.filestores
        .take_back(&now.name, &before.name, &before.subject.to_string())?;
    end_and_transfer(
        room,
        &now,
        &Managed {
            generation: now.generation,
            ..before.clone()
        },
    )
    .await
}

/// Sets the marker that belongs to a tenant's standing.
pub(crate) async fn mark(room: &Room, tenant: &Managed) -> Result<(), StepFailure> {
    mark_name(room, &tenant.subject, &tenant.name, tenant.standing).await
}

/// Sets the marker that belongs to a standing, for a name that the database may not have now.
pub(crate) async fn mark_name(
    room: &Room,
    subject: &Subject,
    name: &Identifier,
    standing: Standing,
) -> Result<(), StepFailure> {
    let cause = match cause::is_told(standing) {
        true => cause::of(&room.journal.pool, subject).await?,
        false => None,
    };
    // Before the marker, so that the first page tells it.
    room.markers.tell(name, cause)?;
    Ok(room.markers.set(name, Marker::of(standing))?)
}

/// The subject's database as it is now.
pub(crate) async fn current(room: &Room, subject: &Subject) -> Result<Managed, StepFailure> {
    managed::of_subject(&room.journal.pool, subject)
        .await?
        .ok_or_else(|| {
            StepFailure::new(
                Code::TenantUnknown,
                format!("{subject} is no longer among this node's databases."),
            )
        })
}

/// Writes the two parameters by which a tenant's own pages can tell that it is suspended.
pub(crate) async fn write_suspension(
    room: &Room,
    tenant: &Managed,
    reason: Option<&str>,
) -> Result<(), StepFailure> {
    let mut connection = room.connect(&tenant.name).await?;
    let written = write_parameters(&mut connection, reason).await;
    connection.close().await?;
    Ok(written?)
}

/// Reads why a tenant is suspended.
pub(crate) async fn read_reason(room: &Room, tenant: &Managed) -> Result<Option<String>, StepFailure> {
    let mut connection = room.connect(&tenant.name).await?;
    let reason = parameter::get(&mut connection, parameter::SUSPEND_REASON).await;
    connection.close().await?;
    Ok(reason?)
}

async fn write_parameters(
    connection: &mut sqlx::PgConnection,
    reason: Option<&str>,
) -> Result<(), NodeError> {
    let mut transaction = connection.begin().await?;
    let suspended = if reason.is_some() { "true" } else { "false" };
    parameter::set(&mut transaction, parameter::SUSPENDED, suspended).await?;
    if let Some(reason) = reason {
        parameter::set(&mut transaction, parameter::SUSPEND_REASON, reason).await?;
    } else {
        parameter::remove(&mut transaction, parameter::SUSPEND_REASON).await?;
    }
    transaction.commit().await?;
    Ok(())
}
