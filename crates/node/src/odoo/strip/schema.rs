//! The tables, columns and foreign keys that a database has: versions and modules of Odoo differ.

use crate::error::NodeError;
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;

/// A table or column as PostgreSQL itself quotes it, for SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quoted(String);

impl Quoted {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) quoted: Quoted,
    pub(super) is_text: bool,
    pub(super) is_required: bool,
}

/// One table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) quoted: Quoted,
    pub(super) columns: BTreeMap<String, Column>,
}

/// What becomes of a row when the one that it refers to goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It keeps the other one from going.
    Restrict,
    /// It goes too.
    Cascade,
    /// It refers to nothing from then on.
    SetNull,
}

/// A column that refers to another table's `id`.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) target: String,
    pub(super) action: Action,
}

/// All of it.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) references: Vec<Reference>,
}

impl Schema {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, NodeError> {
        Ok(Self {
            tables: tables(connection).await?,
            references: references(connection).await?,
        })
    }

    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    pub(super) fn column(&self, table: &str, column: &str) -> Option<&Column> {
        self.table(table)?.columns.get(column)
    }

    /// Whether the table is there and its rows have a number.
    pub(super) fn is_numbered(&self, table: &str) -> bool {
        self.column(table, "id").is_some()
    }

    /// Of these columns, those that the table has and that may be empty, each as `column = NULL`.
    pub(super) fn emptied(&self, table: &str, columns: &[&str]) -> Vec<String> {
        columns
            .iter()
            .filter_map(|name| self.column(table, name))
            .filter(|column| !column.is_required)
            .map(|column| format!("{} = NULL", column.quoted.as_str()))
            .collect()
    }
}

async fn tables(connection: &mut PgConnection) -> Result<BTreeMap<String, Table>, NodeError> {
    let rows = sqlx::query(
        "SELECT relname::text AS name, quote_ident(relname) AS quoted, attname::text AS column_name, \
         quote_ident(attname) AS quoted_column, typcategory = 'S' AS is_text, attnotnull AS is_required \
         FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped \
         JOIN pg_type t ON t.oid = atttypid \
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')",
    )
    .fetch_all(connection)
    .await?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in &rows {
        let quoted = Quoted(row.try_get("quoted")?);
        let table = tables.entry(row.try_get("name")?).or_insert_with(|| Table {
            quoted,
            columns: BTreeMap::new(),
        });
        let column = Column {
            quoted: Quoted(row.try_get("quoted_column")?),
            is_text: row.try_get("is_text")?,
            is_required: row.try_get("is_required")?,
        };
        table.columns.insert(row.try_get("column_name")?, column);
    }
    Ok(tables)
}

async fn references(connection: &mut PgConnection) -> Result<Vec<Reference>, NodeError> {
    let rows = sqlx::query(
        "SELECT f.relname::text AS name, a.attname::text AS column_name, t.relname::text AS target, \
         confdeltype::text AS action \
         FROM pg_constraint k JOIN pg_class f ON f.oid = conrelid JOIN pg_class t ON t.oid = confrelid \
         JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1] \
         JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = confkey[1] AND b.attname = 'id' \
         WHERE contype = 'f' AND cardinality(conkey) = 1 AND connamespace = current_schema()::regnamespace \
         ORDER BY 1, 2",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let action: String = row.try_get("action")?;
            Ok(Reference {
                table: row.try_get("name")?,
                column: row.try_get("column_name")?,
                target: row.try_get("target")?,
                action: match action.as_str() {
                    "c" => Action::Cascade,
                    "n" | "d" => Action::SetNull,
                    _ => Action::Restrict,
                },
            })
        })
        .collect()
}
