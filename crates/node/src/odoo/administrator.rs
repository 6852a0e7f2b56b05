//! The administrator: the user that Odoo itself calls `base.user_admin`, whatever their login.

use crate::error::{Code, StepFailure};
use crate::odoo::password::PasswordHash;
use crate::odoo::relation::Columns;
use serde::{Deserialize, Serialize};
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

/// How the administrator logs in and is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) login: String,
    pub(crate) email: Option<String>,
}

/// The administrator's login and address.
pub(crate) async fn contact(connection: &mut PgConnection) -> Result<Contact, StepFailure> {
    let Administrator { user, partner } = find(connection).await?;
    let row = sqlx::query(
        "SELECT login, email FROM res_users, res_partner WHERE res_users.id = $1 AND res_partner.id = $2",
    )
    .bind(user)
    .bind(partner)
    .fetch_one(connection)
    .await?;
    Ok(Contact {
        login: row.try_get("login")?,
        email: row.try_get("email")?,
    })
}

/// Gives the administrator a login and an address.
///
/// # Errors
/// [`Code::LoginTaken`] when somebody else logs in with it.
pub(crate) async fn set_contact(connection: &mut PgConnection, contact: &Contact) -> Result<(), StepFailure> {
    let Administrator { user, partner } = find(connection).await?;
    let taken = sqlx::query("SELECT count(*) > 0 FROM res_users WHERE login = $1 AND id <> $2")
        .bind(&contact.login)
        .bind(user)
        .fetch_one(&mut *connection)
        .await?;
    if taken.try_get(0)? {
        let detail =
            "Another user logs in with this address. Change that user first, or choose another address.";
        return Err(StepFailure::new(Code::LoginTaken, detail));
    }
    let login = "UPDATE res_users SET login = $2, write_date = now() AT TIME ZONE 'UTC' WHERE id = $1";
    sqlx::query(login)
        .bind(user)
        .bind(&contact.login)
        .execute(&mut *connection)
        .await?;
    let email = "UPDATE res_partner SET email = $2, write_date = now() AT TIME ZONE 'UTC' WHERE id = $1";
    sqlx::query(email)
        .bind(partner)
        .bind(&contact.email)
        .execute(&mut *connection)
        .await?;
    let columns = Columns::read(connection).await?;
    if columns.has("res_partner.email_normalized") {
        let update = sqlx::query("UPDATE res_partner SET email_normalized = lower($2) WHERE id = $1");
        update
            .bind(partner)
            .bind(&contact.email)
            .execute(connection)
            .await?;
    }
    Ok(())
}
