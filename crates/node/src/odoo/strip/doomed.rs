//! Which rows go: what is listed, and whatever cannot be without it, found by the catalogue's foreign keys.

use super::kept::Kept;
use super::lists;
use super::schema::{Action, Reference, Schema};
use crate::error::{Code, NodeError, StepFailure};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Chains of references are that long at most.
const MOST_PASSES: usize = 50;

/// A row that a module brought: `ir_model_data` names it for a module that Odoo knows, not for an import of a person's.
pub(super) const IS_A_MODULES: &str = "EXISTS (SELECT FROM ir_model_data m JOIN ir_module_module ON ir_module_module.name = m.module \
     WHERE replace(m.model, '.', '_') = $1::text AND m.res_id = t.id)";

/// The rows that go, in a temporary table, and their tables in the order in which they were found.
pub(super) struct Doomed {
    tables: Vec<String>,
}

async fn run(connection: &mut PgConnection, text: String) -> sqlx::Result<u64> {
    let done = sqlx::query(AssertSqlSafe(text)).execute(connection).await?;
    Ok(done.rows_affected())
}

impl Doomed {
    pub(super) async fn begin(connection: &mut PgConnection) -> Result<Self, NodeError> {
        sqlx::raw_sql(
            "CREATE TEMPORARY TABLE doomed (\"table\" text, id bigint, PRIMARY KEY (\"table\", id)) ON COMMIT DROP",
        )
        .execute(connection)
        .await?;
        Ok(Self { tables: Vec::new() })
    }

    /// Adds a table's rows that a condition holds for, on `t` and `$1`, the table's name.
    pub(super) async fn add(
        &mut self,
        connection: &mut PgConnection,
        schema: &Schema,
        table: &str,
        condition: &str,
    ) -> Result<u64, NodeError> {
        let Some(found) = schema.table(table).filter(|_| schema.is_numbered(table)) else {
            return Ok(0);
        };
        let text = format!(
            "INSERT INTO doomed SELECT $1::text, t.id FROM {} t WHERE {condition} ON CONFLICT DO NOTHING",
            found.quoted.as_str()
        );
        let done = sqlx::query(AssertSqlSafe(text))
            .bind(table)
            .execute(connection)
            .await?;
        if !self.tables.iter().any(|known| known == table) && done.rows_affected() > 0 {
            self.tables.push(table.to_owned());
        }
        Ok(done.rows_affected())
    }

    /// Adds what cannot be without what is doomed already, until there is nothing more.
    ///
    /// # Errors
    /// [`Code::CheckFailed`] when a setting cannot be without it.
    pub(super) async fn close(
        &mut self,
        connection: &mut PgConnection,
        schema: &Schema,
        kept: &Kept,
    ) -> Result<(), StepFailure> {
        // Rows that were only just found, by their table.
        let mut fresh: BTreeSet<String> = self.tables.iter().cloned().collect();
        for _ in 0..MOST_PASSES {
            if fresh.is_empty() {
                return Ok(());
            }
            let mut next = BTreeSet::new();
            for reference in schema
                .references
                .iter()
                .filter(|found| fresh.contains(&found.target))
            {
                if self.follow(connection, schema, kept, reference).await? > 0 {
                    next.insert(reference.table.clone());
                }
            }
            fresh = next;
        }
        let detail = format!("What is to be removed from {fresh:?} has no end. Nothing was changed.");
        Err(StepFailure::new(Code::CheckFailed, detail))
    }

    /// One reference to what is doomed: its rows go as well, unless PostgreSQL or this can have them refer to
    /// something else.
    async fn follow(
        &mut self,
        connection: &mut PgConnection,
        schema: &Schema,
        kept: &Kept,
        reference: &Reference,
    ) -> Result<u64, StepFailure> {
        let (Some(table), Some(column)) = (
            schema.table(&reference.table),
            schema.column(&reference.table, &reference.column),
        ) else {
            return Ok(0);
        };
        if reference.action == Action::SetNull && !column.is_required {
            return Ok(0);
        }
        let (name, at) = (table.quoted.as_str(), column.quoted.as_str());
        let refers = format!(
            "EXISTS (SELECT FROM doomed d WHERE d.\"table\" = '{}' AND d.id = t.{at})",
            reference.target.replace('\'', "''")
        );
        if !schema.is_numbered(&reference.table) {
            // A table between two others: PostgreSQL does not remove its rows by itself where it is forbidden.
            if reference.action == Action::Restrict {
                run(connection, format!("DELETE FROM {name} t WHERE {refers}")).await?;
            }
            return Ok(0);
        }
        let is_setting = lists::is_setting(&reference.table);
        if is_setting || reference.action != Action::Cascade {
            let instead = match reference.target.as_str() {
                _ if !column.is_required => Some("NULL".to_owned()),
                "res_users" => Some(kept.root.to_string()),
                "res_partner" => Some(kept.company_partner.to_string()),
                _ => None,
            };
            let whose = if is_setting { "true" } else { IS_A_MODULES };
            if let Some(instead) = instead {
                let text = format!(
                    "UPDATE {name} t SET {at} = {instead} WHERE {whose} AND {refers} \
                     AND NOT EXISTS (SELECT FROM doomed d WHERE d.\"table\" = $1::text AND d.id = t.id)"
                );
                sqlx::query(AssertSqlSafe(text))
                    .bind(&reference.table)
                    .execute(&mut *connection)
                    .await?;
            }
        }
        let condition = format!(
            "{refers} AND NOT (t.id = ANY(ARRAY[{}]::bigint[]))",
            kept_in(&reference.table, kept)
        );
        let added = self.add(connection, schema, &reference.table, &condition).await?;
        if added > 0 && is_setting {
            let detail = format!(
                "{} of {} cannot be without what is to be removed. Nothing was changed.",
                reference.column, reference.table
            );
            return Err(StepFailure::new(Code::CheckFailed, detail));
        }
        Ok(added)
    }

    /// How many rows go, by table.
    pub(super) async fn count(
        &self,
        connection: &mut PgConnection,
    ) -> Result<BTreeMap<String, i64>, NodeError> {
        let rows = sqlx::query("SELECT \"table\", count(*) FROM doomed GROUP BY 1")
            .fetch_all(connection)
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect()
    }

    /// The tables in which rows go, those that refer to others before these.
    pub(super) fn tables(&self) -> Vec<&String> {
        // What was found last refers to what was found before.
        self.tables.iter().rev().collect()
    }
}

/// The rows of a table that never go.
fn kept_in(table: &str, kept: &Kept) -> String {
    let rows: &[i32] = match table {
        "res_users" => &kept.users,
        "res_partner" => &kept.partners,
        _ => &[],
    };
    rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
