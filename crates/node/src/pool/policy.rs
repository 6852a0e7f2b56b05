//! How many clones are kept ready: as the operator said, or as many as were needed of late.

use crate::error::NodeError;
use crate::managed::{self, Subject};
use crate::room::Room;
use crate::settings::PoolPolicy;
use crate::template_content;
use sqlx::Row;
use wire::node::PoolState;

/// How far back demand is looked at.
const WINDOW: &str = "10 minutes";

/// How many clones to keep ready: what the operator said, otherwise the least and as many as were needed of late.
pub(super) fn wanted(policy: PoolPolicy, said: Option<u32>, demand: u32) -> u32 {
    said.unwrap_or_else(|| policy.least.saturating_add(demand).min(policy.most))
}

/// How many clones of a template to keep ready now.
pub(super) async fn wanted_now(room: &Room, template: &Subject) -> Result<u32, NodeError> {
    let text = sqlx::AssertSqlSafe(format!(
        "SELECT (SELECT wanted FROM pool WHERE template = $1) AS said, \
         (SELECT count(*) FROM pool_demand WHERE template = $1 AND at > now() - interval '{WINDOW}') AS demand"
    ));
    let row = sqlx::query(text)
        .bind(template.to_string())
        .fetch_one(&room.journal.pool)
        .await?;
    let said: Option<i32> = row.try_get("said")?;
    let demand: i64 = row.try_get("demand")?;
    let said = said.map(i32::unsigned_abs);
    Ok(wanted(
        room.pool_policy(),
        said,
        u32::try_from(demand).unwrap_or(u32::MAX),
    ))
}

/// How many clones are too many: what is there is kept while demand falls, but not above the bounds.
pub(super) async fn most(room: &Room, template: &Subject) -> Result<u32, NodeError> {
    let row = sqlx::query("SELECT wanted FROM pool WHERE template = $1")
        .bind(template.to_string())
        .fetch_optional(&room.journal.pool)
        .await?;
    let said: Option<i32> = row.map(|row| row.try_get("wanted")).transpose()?.flatten();
    Ok(said.map_or(room.pool_policy().most, i32::unsigned_abs))
}

/// Forgets demand that no longer counts.
pub(super) async fn forget_demand(room: &Room) -> Result<(), NodeError> {
    let text = sqlx::AssertSqlSafe(format!(
        "DELETE FROM pool_demand WHERE at < now() - interval '{WINDOW}'"
    ));
    sqlx::query(text).execute(&room.journal.pool).await?;
    Ok(())
}

/// Sets how many clones to keep ready; nothing leaves it to demand.
pub(crate) async fn set_wanted(
    room: &Room,
    template: &Subject,
    wanted: Option<u32>,
) -> Result<(), NodeError> {
    let changed = sqlx::query(
        "INSERT INTO pool (template, wanted) VALUES ($1, $2) \
         ON CONFLICT (template) DO UPDATE SET wanted = excluded.wanted \
         WHERE pool.wanted IS DISTINCT FROM excluded.wanted",
    )
    .bind(template.to_string())
    .bind(wanted.map(|wanted| i32::try_from(wanted).unwrap_or(i32::MAX)))
    .execute(&room.journal.pool)
    .await?;
    if changed.rows_affected() > 0 {
        room.pool_moved.notify_one();
    }
    Ok(())
}

/// How the pools stand, by template.
pub(crate) async fn observe(room: &Room) -> Result<Vec<PoolState>, NodeError> {
    template_content::look(room).await?;
    let rows = sqlx::query(
        "SELECT t.subject, coalesce(p.hits, 0) AS hits, coalesce(p.misses, 0) AS misses, \
         coalesce(p.discarded, 0) AS discarded, \
         (SELECT count(*) FROM managed_database m WHERE m.standing = 'pooled' AND m.subject = t.subject \
          AND m.template_oid = t.oid) AS ready \
         FROM managed_database t LEFT JOIN pool p ON p.template = t.subject \
         WHERE t.standing = 'template' ORDER BY t.subject",
    )
    .fetch_all(&room.journal.pool)
    .await?;
    let mut pools = Vec::with_capacity(rows.len());
    for row in &rows {
        let subject: String = row.try_get("subject")?;
        let Some(Subject::Template(template)) = Subject::parse(&subject) else {
            continue;
        };
        let count =
            |name: &str| -> Result<u64, NodeError> { Ok(row.try_get::<i64, _>(name)?.unsigned_abs()) };
        let known = managed::of_subject(&room.journal.pool, &Subject::Template(template.clone())).await?;
        let damage = match &known {
            Some(known) => template_content::damage(room, known).await?,
            None => None,
        };
        pools.push(PoolState {
            damage,
            wanted: wanted_now(room, &Subject::Template(template.clone()))
                .await?
                .into(),
            template,
            ready: count("ready")?,
            hits: count("hits")?,
            misses: count("misses")?,
            discarded: count("discarded")?,
        });
    }
    Ok(pools)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_s_word_counts_and_otherwise_demand_within_its_bounds() {
        let policy = PoolPolicy {
            least: 2,
            most: 10,
            ..PoolPolicy::default()
        };
        for (said, demand, expected) in [
            (None, 0, 2),
            (None, 3, 5),
            (None, 400, 10),
            (Some(0), 400, 0),
            (Some(50), 0, 50),
        ] {
            assert_eq!(wanted(policy, said, demand), expected, "{said:?} {demand}");
        }
    }
}
