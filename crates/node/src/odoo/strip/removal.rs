//! Deleting what is doomed, in an order that PostgreSQL lets pass.

use super::doomed::Doomed;
use super::schema::{Action, Quoted, Schema};
use crate::error::{Code, NodeError, StepFailure};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// How often deleting is tried.
const MOST_PASSES: usize = 50;

/// Removes all rows that are doomed. What PostgreSQL refuses is tried again once the rest is gone.
///
/// # Errors
/// [`Code::CheckFailed`] with the table that cannot be emptied.
pub(super) async fn remove(
    doomed: &Doomed,
    connection: &mut PgConnection,
    schema: &Schema,
) -> Result<(), StepFailure> {
    let mut left = doomed.tables();
    let mut is_loosened = false;
    for _ in 0..MOST_PASSES {
        let mut refused = Vec::new();
        let before = left.len();
        for table in left {
            if !write(connection, schema, table, &Change::Delete).await? {
                refused.push(table);
            }
        }
        left = refused;
        if left.is_empty() || (left.len() == before && is_loosened) {
            break;
        }
        if left.len() == before {
            loosen(connection, schema, &left).await?;
            is_loosened = true;
        }
    }
    if let Some(table) = left.first() {
        let detail = format!("PostgreSQL does not let rows of {table} go. Nothing was changed.");
        return Err(StepFailure::new(Code::CheckFailed, detail));
    }
    // Their names in ir_model_data, which hold what people called them.
    sqlx::query(
        "DELETE FROM ir_model_data m USING doomed d \
         WHERE d.\"table\" = replace(m.model, '.', '_') AND d.id = m.res_id",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What is done to a table's doomed rows.
enum Change<'a> {
    Delete,
    /// A column that refers to another row.
    Empty(&'a Quoted),
}

/// Breaks the circles in which tables keep each other from going, where a reference may be empty.
async fn loosen(connection: &mut PgConnection, schema: &Schema, left: &[&String]) -> Result<(), NodeError> {
    let among = |table: &String| left.contains(&table);
    for reference in schema
        .references
        .iter()
        .filter(|found| found.action == Action::Restrict && among(&found.table) && among(&found.target))
    {
        let column = schema.column(&reference.table, &reference.column);
        if let Some(column) = column.filter(|column| !column.is_required) {
            write(
                connection,
                schema,
                &reference.table,
                &Change::Empty(&column.quoted),
            )
            .await?;
        }
    }
    Ok(())
}

/// Changes a table's doomed rows. Says whether PostgreSQL let it.
async fn write(
    connection: &mut PgConnection,
    schema: &Schema,
    table: &str,
    change: &Change<'_>,
) -> Result<bool, NodeError> {
    let Some(found) = schema.table(table) else {
        return Ok(true);
    };
    let name = found.quoted.as_str();
    let (head, link) = match change {
        Change::Delete => (format!("DELETE FROM {name} t"), "USING"),
        Change::Empty(column) => (format!("UPDATE {name} t SET {} = NULL", column.as_str()), "FROM"),
    };
    let text = format!("{head} {link} doomed d WHERE d.\"table\" = $1 AND d.id = t.id");
    let mut savepoint = connection.begin().await?;
    let done = sqlx::query(AssertSqlSafe(text))
        .bind(table)
        .execute(&mut *savepoint)
        .await;
    match done.map_err(NodeError::from) {
        Ok(_) => {
            savepoint.commit().await?;
            Ok(true)
        }
        // A row that still refers to one of these, or may not refer to nothing.
        Err(error) if error.sqlstate().is_some_and(|state| state.starts_with("23")) => {
            tracing::debug!(table, error = crate::error::chain(&error), "not yet");
            savepoint.rollback().await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
