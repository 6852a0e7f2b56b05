//! What visitors of a closed tenant are told of the reason, kept so that it is told again after a start or an undoing.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::managed::{Standing, Subject};
use sqlx::{PgExecutor, Row};
use wire::node::Cause;

/// Whether a page tells it.
pub(crate) const fn is_told(standing: Standing) -> bool {
    matches!(standing, Standing::Suspended | Standing::Restricted)
}

/// What is told of this subject's database while it is closed.
pub(crate) async fn of(executor: impl PgExecutor<'_>, subject: &Subject) -> Result<Option<Cause>, NodeError> {
    let row = sqlx::query(
        "SELECT cause FROM managed_database WHERE subject = $1 AND standing NOT IN ('building', 'replaced', 'pooled')",
    )
    .bind(subject.to_string())
    .fetch_optional(executor)
    .await?;
    let word: Option<String> = row.map(|row| row.try_get("cause")).transpose()?.flatten();
    Ok(word.and_then(|word| parse(&word)))
}

/// Keeps what is to be told.
pub(crate) async fn keep(
    executor: impl PgExecutor<'_>,
    subject: &Subject,
    cause: Option<Cause>,
) -> Result<(), NodeError> {
    sqlx::query(
        "UPDATE managed_database SET cause = $2 \
         WHERE subject = $1 AND standing NOT IN ('building', 'replaced', 'pooled')",
    )
    .bind(subject.to_string())
    .bind(cause.map(Cause::as_str))
    .execute(executor)
    .await?;
    Ok(())
}

/// All that are to be told, by the name of the database.
pub(crate) async fn all(executor: impl PgExecutor<'_>) -> Result<Vec<(Identifier, Cause)>, NodeError> {
    let rows = sqlx::query(
        "SELECT name, cause FROM managed_database WHERE cause IS NOT NULL AND standing IN ('suspended', 'restricted')",
    )
    .fetch_all(executor)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let (name, word): (String, String) = (row.try_get("name")?, row.try_get("cause")?);
        found.extend(name.parse().ok().zip(parse(&word)));
    }
    Ok(found)
}

fn parse(word: &str) -> Option<Cause> {
    Cause::ALL.into_iter().find(|cause| cause.as_str() == word)
}
