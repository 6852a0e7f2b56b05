//! The tables of a database: how large they are, what is dead in them, when somebody looked after them.

use super::moment;
use crate::error::NodeError;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use wire::database::{TableList, TableView};

/// How many are told of.
const MOST: i64 = 200;

/// Sizes as the files have them. To measure one, PostgreSQL wants a lock that waits for whoever rewrites the table.
const MEASURED: &str = "pg_relation_size(c.oid) AS heap, pg_indexes_size(c.oid) AS indexes, \
     coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0) AS toast, pg_total_relation_size(c.oid) AS total";

/// Sizes as they were when somebody last looked after the table, which wants no lock.
const REMEMBERED: &str = "c.relpages::bigint * 8192 AS heap, \
     coalesce((SELECT sum(i.relpages)::bigint * 8192 FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid), 0)::bigint AS indexes, \
     coalesce((SELECT t.relpages::bigint * 8192 FROM pg_class t WHERE t.oid = c.reltoastrelid), 0)::bigint AS toast, \
     c.relpages::bigint * 8192 AS total";

fn query(sizes: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name, \
         c.reltuples::bigint AS rows, coalesce(s.n_dead_tup, 0) AS dead, coalesce(s.seq_scan, 0) AS scans, coalesce(s.idx_scan, 0) AS index_scans, \
         (extract(epoch FROM greatest(s.last_vacuum, s.last_autovacuum)) * 1000000)::bigint AS vacuumed, \
         (extract(epoch FROM greatest(s.last_analyze, s.last_autoanalyze)) * 1000000)::bigint AS analyzed, {sizes} \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid \
         WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
         ORDER BY total DESC, name LIMIT $1"
    ))
}

/// The largest tables.
pub(super) async fn look(session: &mut PgConnection) -> Result<TableList, NodeError> {
    let row = sqlx::query(
        "SELECT pg_database_size(oid) AS size, (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%') AS tables \
         FROM pg_database WHERE datname = current_database()",
    )
    .fetch_one(&mut *session)
    .await?;
    let rows = match sqlx::query(query(MEASURED))
        .bind(MOST)
        .fetch_all(&mut *session)
        .await
    {
        Err(error) if is_locked(&error) => {
            sqlx::query(query(REMEMBERED))
                .bind(MOST)
                .fetch_all(&mut *session)
                .await?
        }
        looked => looked?,
    };
    Ok(TableList {
        database_bytes: row.try_get("size")?,
        tables: row.try_get("tables")?,
        items: rows.iter().map(table).collect::<sqlx::Result<_>>()?,
    })
}

fn is_locked(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.code().as_deref() == Some("55P03"))
}

fn table(row: &PgRow) -> sqlx::Result<TableView> {
    let rows: i64 = row.try_get("rows")?;
    let (heap, indexes, toast): (i64, i64, i64) = (
        row.try_get("heap")?,
        row.try_get("indexes")?,
        row.try_get("toast")?,
    );
    Ok(TableView {
        name: row.try_get("name")?,
        // PostgreSQL says -1 where it does not know.
        rows: (rows >= 0).then_some(rows),
        dead_rows: row.try_get("dead")?,
        heap_bytes: heap,
        index_bytes: indexes,
        toast_bytes: toast,
        total_bytes: row.try_get::<i64, _>("total")?.max(heap + indexes + toast),
        sequential_scans: row.try_get("scans")?,
        index_scans: row.try_get("index_scans")?,
        vacuumed_at: moment(row, "vacuumed")?,
        analyzed_at: moment(row, "analyzed")?,
    })
}
