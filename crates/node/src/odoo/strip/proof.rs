//! Looks whether the people are gone, before anything of it counts.

use super::kept::Kept;
use super::lists;
use super::reset::ROOT_EMAIL;
use super::schema::Schema;
use crate::error::{Code, NodeError, StepFailure};
use sqlx::{AssertSqlSafe, PgConnection, Row};

/// # Errors
/// [`Code::CheckFailed`] with what is still there.
pub(super) async fn look(
    connection: &mut PgConnection,
    schema: &Schema,
    kept: &Kept,
) -> Result<(), StepFailure> {
    let mut left = Vec::new();
    let users = sqlx::query("SELECT count(*) FROM res_users WHERE NOT id = ANY($1)").bind(&kept.users);
    let partners =
        sqlx::query("SELECT count(*) FROM res_partner WHERE NOT id = ANY($1)").bind(&kept.partners);
    let addresses =
        sqlx::query("SELECT count(*) FROM res_partner WHERE email <> '' AND NOT (id = $1 AND email = $2)")
            .bind(kept.root_partner)
            .bind(ROOT_EMAIL);
    for (what, query) in [
        ("users", users),
        ("contacts", partners),
        ("e-mail addresses of contacts", addresses),
    ] {
        let row = query.fetch_one(&mut *connection).await.map_err(NodeError::from)?;
        let count: i64 = row.try_get(0)?;
        if count > 0 {
            left.push(format!("{count} {what}"));
        }
    }
    let emptied = lists::EMPTIED.iter().flat_map(|(_, _, tables)| *tables);
    for table in emptied {
        let Some(found) = schema.table(table).filter(|_| schema.is_numbered(table)) else {
            continue;
        };
        let text = format!("SELECT EXISTS (SELECT FROM {})", found.quoted.as_str());
        let row = sqlx::query(AssertSqlSafe(text))
            .fetch_one(&mut *connection)
            .await
            .map_err(NodeError::from)?;
        if row.try_get(0)? {
            left.push(format!("rows of {table}"));
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "There are still {}. Look for triggers in the database. Nothing was changed.",
        left.join(", ")
    );
    Err(StepFailure::new(Code::CheckFailed, detail))
}
