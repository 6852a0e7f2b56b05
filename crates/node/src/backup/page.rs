//! Whether Odoo serves what was restored: a scratch database is made quiet, shown to Odoo for one page, and taken away again.

use crate::catalogue::{self, Ended};
use crate::error::{Code, StepFailure};
use crate::identifier::Identifier;
use crate::odoo::module;
use crate::room::Room;
use crate::statement;
use crate::warming;
use sqlx::Connection;

/// Has Odoo render the login page. Returns its status; nothing where Odoo does not answer.
///
/// # Errors
/// [`Code::CheckFailed`] when Odoo answers with an error.
pub(crate) async fn look(room: &Room, scratch: &Identifier, oid: i64) -> Result<Option<u16>, StepFailure> {
    let (pool, roles) = (&room.journal.pool, &room.journal.roles);
    let mut connection = room.connect(scratch).await?;
    let quiet = module::silence(&mut connection).await;
    connection.close().await?;
    quiet?;
    statement::grant_connect(pool, scratch, &roles.odoo).await?;
    statement::set_owner(pool, scratch, &roles.odoo).await?;
    let asked = warming::ask(room, scratch).await;
    statement::set_owner(pool, scratch, &roles.node).await?;
    statement::revoke_connect(pool, scratch, Some(&roles.odoo)).await?;
    catalogue::end_sessions(pool, oid, Ended::AllButOwn).await?;
    match asked {
        Ok(status) if status >= 400 => {
            let detail = format!("Odoo answers {status} for the restored database's login page.");
            Err(StepFailure::new(Code::CheckFailed, detail))
        }
        Ok(status) => Ok(Some(status)),
        Err(error) => {
            tracing::info!(
                error = crate::error::chain(&error),
                "Odoo was not asked for a proof"
            );
            Ok(None)
        }
    }
}
