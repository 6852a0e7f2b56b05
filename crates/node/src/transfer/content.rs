//! What a tenant holds, so that both ends can see that it is the same: who it is, and how many rows its key tables have.

use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::odoo::parameter;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;

/// The tables that are counted, as far as they are there: identities, settings, files, and what customers live by.
const KEY_TABLES: [&str; 14] = [
    "res_users",
    "res_partner",
    "res_company",
    "res_groups_users_rel",
    "ir_module_module",
    "ir_model",
    "ir_model_fields",
    "ir_config_parameter",
    "ir_attachment",
    "mail_message",
    "account_move",
    "account_move_line",
    "sale_order",
    "stock_move",
];

/// What a stream says of itself first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// `database.uuid`.
    pub(crate) uuid: Option<String>,
    /// Extensions beyond those that every database has.
    pub(crate) extensions: Vec<String>,
    /// Rows by table; nothing where only files are sent.
    pub(crate) rows: BTreeMap<String, i64>,
    /// How many tables and sequences there are in all.
    pub(crate) relations: i64,
}

impl Head {
    /// All rows that were counted.
    pub(crate) fn sum(&self) -> u64 {
        self.rows.values().map(|count| count.unsigned_abs()).sum()
    }

    /// Reads what a closed database holds.
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, NodeError> {
        let extensions = sqlx::query(
            "SELECT extname::text AS name FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname",
        )
        .fetch_all(&mut *connection)
        .await?;
        let relations = sqlx::query(
            "SELECT count(*) AS count FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace \
             WHERE relkind IN ('r', 'p', 'S', 'v', 'm') AND relpersistence <> 't' \
             AND nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'tenantry')",
        )
        .fetch_one(&mut *connection)
        .await?;
        let mut rows = BTreeMap::new();
        for table in KEY_TABLES {
            if let Some(count) = count(connection, table).await? {
                rows.insert(table.to_owned(), count);
            }
        }
        Ok(Self {
            uuid: parameter::get(connection, parameter::DATABASE_UUID).await?,
            extensions: extensions
                .iter()
                .map(|row| row.try_get("name"))
                .collect::<Result<_, _>>()?,
            rows,
            relations: relations.try_get("count")?,
        })
    }

    /// Compares what came with what was sent.
    ///
    /// # Errors
    /// [`Code::CheckFailed`] with the first thing that differs.
    pub(crate) fn agrees(&self, sent: &Self) -> Result<(), StepFailure> {
        let differs = |what: String| Err(StepFailure::new(Code::CheckFailed, what));
        if self.uuid != sent.uuid {
            return differs("What came is another database: its identity differs.".to_owned());
        }
        for (table, count) in &sent.rows {
            let here = self.rows.get(table).copied().unwrap_or_default();
            if here != *count {
                return differs(format!(
                    "{table} has {here} rows here and {count} where it came from."
                ));
            }
        }
        if self.relations != sent.relations {
            return differs(format!(
                "There are {} tables here and {} where it came from.",
                self.relations, sent.relations
            ));
        }
        Ok(())
    }
}

async fn count(connection: &mut PgConnection, table: &str) -> Result<Option<i64>, NodeError> {
    let there = sqlx::query("SELECT to_regclass($1) IS NOT NULL AS there")
        .bind(format!("public.{table}"))
        .fetch_one(&mut *connection)
        .await?;
    let (true, Ok(table)) = (there.try_get("there")?, table.parse::<Identifier>()) else {
        return Ok(None);
    };
    Ok(Some(crate::statement::count_rows(connection, &table).await?))
}
