//! The administrator: the user that Odoo itself calls `base.user_admin`, whatever their login.

use crate::error::{Code, StepFailure};
use crate::odoo::password::PasswordHash;
use sqlx::{PgConnection, Row};

/// The administrator's rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Administrator {
    pub(crate) user: i32,
    pub(crate) partner: i32,
}

/// Finds the administrator.
///
/// # Errors
/// [`Code::AdministratorNotFound`] when the database has none.
pub(crate) async fn find(connection: &mut PgConnection) -> Result<Administrator, StepFailure> {
    let row = sqlx::query(
        "SELECT res_users.id, res_users.partner_id FROM ir_model_data \
         JOIN res_users ON res_users.id = ir_model_data.res_id \
         WHERE module = 'base' AND name = 'user_admin' AND model = 'res.users'",
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        let detail = "The database has no user base.user_admin. Set the password inside Odoo instead.";
        return Err(StepFailure::new(Code::AdministratorNotFound, detail));
    };
    Ok(Administrator {
        user: row.try_get(0)?,
        partner: row.try_get(1)?,
    })
}

/// Gives the administrator another password.
pub(crate) async fn set_password(
    connection: &mut PgConnection,
    administrator: Administrator,
    hash: &PasswordHash,
) -> Result<(), StepFailure> {
    sqlx::query("UPDATE res_users SET password = $2, write_date = now() AT TIME ZONE 'UTC' WHERE id = $1")
        .bind(administrator.user)
        .bind(hash.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads back whether the administrator has this very hash.
pub(crate) async fn has_password(
    connection: &mut PgConnection,
    administrator: Administrator,
    hash: &PasswordHash,
) -> Result<bool, StepFailure> {
    let row = sqlx::query("SELECT password IS NOT DISTINCT FROM $2 FROM res_users WHERE id = $1")
        .bind(administrator.user)
        .bind(hash.as_str())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}
