//! Taking a ready clone for a tenant.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::managed::Subject;
use crate::room::Room;
use sqlx::Row;
use uuid::Uuid;

/// Takes the oldest ready clone of a template for a tenant, if there is one, and counts whether there was.
pub(crate) async fn take(
    room: &Room,
    template: &Subject,
    template_oid: i64,
    tenant: &Subject,
    command: Uuid,
) -> Result<Option<Identifier>, NodeError> {
    let row = sqlx::query(
        "WITH taken AS ( \
             UPDATE managed_database SET standing = 'building', subject = $3, created_by = $4 \
             WHERE name = (SELECT m.name FROM managed_database m \
                           JOIN pg_database d ON d.oid = m.oid::oid AND d.datname = m.name \
                           WHERE m.standing = 'pooled' AND m.subject = $1 AND m.template_oid = $2 \
                           ORDER BY m.created_at LIMIT 1 FOR UPDATE OF m SKIP LOCKED) \
             RETURNING name), \
         demand AS (INSERT INTO pool_demand (template) VALUES ($1)), \
         counted AS (INSERT INTO pool (template, hits, misses) \
             SELECT $1, count(*), 1 - count(*) FROM taken \
             ON CONFLICT (template) DO UPDATE SET hits = pool.hits + excluded.hits, \
                                                  misses = pool.misses + excluded.misses) \
         SELECT name FROM taken",
    )
    .bind(template.to_string())
    .bind(template_oid)
    .bind(tenant.to_string())
    .bind(command)
    .fetch_optional(&room.journal.pool)
    .await?;
    room.pool_moved.notify_one();
    let Some(row) = row else { return Ok(None) };
    let name: String = row.try_get("name")?;
    let name = name.parse().map_err(|_| NodeError::Record {
        what: format!("database {name}"),
    })?;
    Ok(Some(name))
}
