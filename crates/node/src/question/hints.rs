//! What should be looked at in a database: room that is lost, indexes that are missing, unused, there twice or broken.
//!
//! All of it is estimated from what PostgreSQL keeps; no table is read and no lock is wanted.

use super::moment;
use crate::error::NodeError;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use wire::database::{Hint, HintList};

/// How many are told of.
const MOST: usize = 100;

/// Pages that a table has beyond what its rows need, by their average width; a third of the table or more, and a megabyte. A row has 28
/// bytes of its own and begins at a multiple of eight; 24 bytes of a page are the page's.
const BLOAT: &str = "WITH wide AS (SELECT schemaname, tablename, sum((1 - null_frac) * avg_width) AS bytes, count(*) AS columns FROM pg_stats GROUP BY 1, 2), \
     needed AS (SELECT CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name, c.relpages::bigint AS pages, \
         ceil(c.reltuples / greatest(1, floor(8168 / (ceil((24 + ceil(w.columns / 8.0) + w.bytes) / 8) * 8 + 4))))::bigint AS enough \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN wide w ON w.schemaname = n.nspname AND w.tablename = c.relname \
         WHERE c.relkind IN ('r', 'm') AND c.reltuples >= 0 AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%') \
     SELECT 'bloat' AS kind, name AS \"table\", NULL::text AS index, NULL::text AS other, (pages - enough) * 8192 AS bytes, (pages - enough) * 100 / pages AS count \
     FROM needed WHERE pages - enough >= 128 AND (pages - enough) * 3 >= pages";

/// Tables of four megabytes and more that were read whole fifty times and more, and seldom through an index beside that.
const MISSING: &str = "SELECT 'missing-index' AS kind, CASE s.schemaname WHEN 'public' THEN s.relname::text ELSE s.schemaname || '.' || s.relname END AS \"table\", \
     NULL::text AS index, NULL::text AS other, c.relpages::bigint * 8192 AS bytes, s.seq_scan AS count \
     FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
     WHERE c.relpages >= 512 AND s.seq_scan >= 50 AND s.seq_tup_read / s.seq_scan >= 5000 AND coalesce(s.idx_scan, 0) < s.seq_scan * 10";

/// Indexes of a megabyte and more that nobody has used and that keep no rule.
const UNUSED: &str = "SELECT 'unused-index' AS kind, CASE s.schemaname WHEN 'public' THEN s.relname::text ELSE s.schemaname || '.' || s.relname END AS \"table\", \
     s.indexrelname::text AS index, NULL::text AS other, i.relpages::bigint * 8192 AS bytes, NULL::bigint AS count \
     FROM pg_stat_user_indexes s JOIN pg_index x ON x.indexrelid = s.indexrelid JOIN pg_class i ON i.oid = s.indexrelid \
     WHERE s.idx_scan = 0 AND i.relpages >= 128 AND x.indisvalid AND NOT x.indisunique AND NOT x.indisexclusion AND NOT x.indisreplident \
     AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = s.indexrelid)";

/// Indexes of the same columns in the same way as another one, of which the stricter or older one stays.
const TWICE: &str = "SELECT 'duplicate-index' AS kind, CASE n.nspname WHEN 'public' THEN t.relname::text ELSE n.nspname || '.' || t.relname END AS \"table\", \
     i.relname::text AS index, min(j.relname::text) AS other, i.relpages::bigint * 8192 AS bytes, NULL::bigint AS count \
     FROM pg_index x JOIN pg_index y ON y.indrelid = x.indrelid AND y.indexrelid <> x.indexrelid AND y.indkey::text = x.indkey::text \
         AND y.indclass::text = x.indclass::text AND y.indcollation::text = x.indcollation::text AND y.indoption::text = x.indoption::text \
         AND coalesce(pg_get_expr(y.indexprs, y.indrelid), '') = coalesce(pg_get_expr(x.indexprs, x.indrelid), '') \
         AND coalesce(pg_get_expr(y.indpred, y.indrelid), '') = coalesce(pg_get_expr(x.indpred, x.indrelid), '') \
     JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class j ON j.oid = y.indexrelid AND j.relam = i.relam \
     JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
     WHERE x.indisvalid AND y.indisvalid AND NOT x.indisprimary AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
     AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid) \
     AND (y.indisunique::int, -y.indexrelid::bigint) > (x.indisunique::int, -x.indexrelid::bigint) \
     GROUP BY n.nspname, t.relname, i.relname, i.relpages";

/// Indexes that nobody uses because building them was cut off.
const BROKEN: &str = "SELECT 'invalid-index' AS kind, CASE n.nspname WHEN 'public' THEN t.relname::text ELSE n.nspname || '.' || t.relname END AS \"table\", \
     i.relname::text AS index, NULL::text AS other, i.relpages::bigint * 8192 AS bytes, NULL::bigint AS count \
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
     WHERE NOT x.indisvalid AND i.relkind = 'i' AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = x.indexrelid)";

/// All hints.
pub(super) async fn look(session: &mut PgConnection) -> Result<HintList, NodeError> {
    let mut items = Vec::new();
    for query in [BROKEN, BLOAT, MISSING, UNUSED, TWICE] {
        for row in sqlx::query(query).fetch_all(&mut *session).await? {
            items.push(hint(&row)?);
        }
    }
    items.sort_by_key(|hint| std::cmp::Reverse(hint.bytes));
    items.truncate(MOST);
    let row = sqlx::query(
        "SELECT (extract(epoch FROM stats_reset) * 1000000)::bigint AS since FROM pg_stat_database WHERE datname = current_database()",
    )
    .fetch_one(session)
    .await?;
    Ok(HintList {
        since: moment(&row, "since")?,
        items,
    })
}

fn hint(row: &PgRow) -> sqlx::Result<Hint> {
    Ok(Hint {
        kind: row.try_get("kind")?,
        table: row.try_get("table")?,
        index: row.try_get("index")?,
        other: row.try_get("other")?,
        bytes: row.try_get("bytes")?,
        count: row.try_get("count")?,
    })
}
