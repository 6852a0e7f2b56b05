//! How much tenants' databases and files hold, and held.

use crate::error::StoreError;
use crate::scope::{Scoped, Unit};
use domain::{NodeId, TenantId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// A tenant's size as its node measured it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The tenant.
    pub tenant: TenantId,
    /// Bytes of its database.
    pub database_bytes: i64,
    /// Bytes of its files, where they were measured.
    pub file_bytes: Option<i64>,
}

/// A point of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeRecord {
    /// The beginning of the hour or day.
    pub at: Timestamp,
    /// Bytes of databases.
    pub database_bytes: i64,
    /// Bytes of files, where they were measured.
    pub file_bytes: Option<i64>,
}

/// Everything together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SizeSum {
    /// Tenants that were measured.
    pub tenants: i64,
    /// Bytes of their databases.
    pub database_bytes: i64,
    /// Bytes of their files.
    pub file_bytes: i64,
}

/// The times of the points of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeTimes {
    /// Whose series it is.
    pub of: Uuid,
    /// When, in seconds since 1970.
    pub at: Vec<i64>,
}

/// Whose series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesOf {
    /// Tenants'.
    Tenants,
    /// Nodes'.
    Nodes,
}

impl Scoped {
    /// Writes down what a node measured, as of this hour, and the sum of it. What another node says of a tenant does not count.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_sizes(
        &self,
        node: NodeId,
        sizes: &[Measured],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tenants: Vec<Uuid> = sizes.iter().map(|size| size.tenant.uuid()).collect();
        let bytes: Vec<i64> = sizes.iter().map(|size| size.database_bytes).collect();
        let files: Vec<Option<i64>> = sizes.iter().map(|size| size.file_bytes).collect();
        sqlx::query!(
            "WITH own AS (
                 SELECT t.id, s.bytes, s.files FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS s (tenant, bytes, files)
                 JOIN tenant t ON t.id = s.tenant AND t.node_id = $1
             ), each AS (
                 INSERT INTO tenant_size (tenant_id, at, database_bytes, file_bytes)
                 SELECT id, date_trunc('hour', $5::timestamptz), bytes, files FROM own
                 ON CONFLICT ON CONSTRAINT tenant_size_pkey DO UPDATE SET database_bytes = excluded.database_bytes,
                     file_bytes = coalesce(excluded.file_bytes, tenant_size.file_bytes)
                 WHERE tenant_size.database_bytes <> excluded.database_bytes
                     OR (excluded.file_bytes IS NOT NULL AND excluded.file_bytes IS DISTINCT FROM tenant_size.file_bytes)
             )
             INSERT INTO node_size (node_id, at, tenants, database_bytes, file_bytes)
             SELECT $1, date_trunc('hour', $5::timestamptz), count(*), coalesce(sum(bytes), 0), coalesce(sum(files), 0) FROM own
             ON CONFLICT ON CONSTRAINT node_size_pkey DO UPDATE SET tenants = excluded.tenants,
                 database_bytes = excluded.database_bytes, file_bytes = excluded.file_bytes
             WHERE (node_size.tenants, node_size.database_bytes, node_size.file_bytes)
                 IS DISTINCT FROM (excluded.tenants, excluded.database_bytes, excluded.file_bytes)",
            node.uuid(),
            &tenants,
            &bytes,
            &files as &[Option<i64>],
            now.to_sqlx() as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The series of a tenant, the oldest first. Whether the caller may see the tenant was decided before.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn tenant_sizes(&self, tenant: TenantId) -> Result<Vec<SizeRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT at AS "at: jiff_sqlx::Timestamp", database_bytes, file_bytes FROM tenant_size WHERE tenant_id = $1 ORDER BY at"#,
            tenant.uuid()
        )
        .fetch_all(&self.pool)
        .await?;
        let records = rows.into_iter().map(|row| SizeRecord {
            at: row.at.to_jiff(),
            database_bytes: row.database_bytes,
            file_bytes: row.file_bytes,
        });
        Ok(records.collect())
    }

    /// What was last measured of each of these tenants. Whether the caller may see them was decided before.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn newest_sizes(&self, tenants: &[Uuid]) -> Result<Vec<(Uuid, SizeRecord)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT t.id AS "id!", s.at AS "at: jiff_sqlx::Timestamp", s.database_bytes, s.file_bytes
               FROM unnest($1::uuid[]) AS t (id)
               CROSS JOIN LATERAL (SELECT * FROM tenant_size WHERE tenant_id = t.id ORDER BY at DESC LIMIT 1) s"#,
            tenants
        )
        .fetch_all(&self.pool)
        .await?;
        let records = rows.into_iter().map(|row| {
            let record = SizeRecord {
                at: row.at.to_jiff(),
                database_bytes: row.database_bytes,
                file_bytes: row.file_bytes,
            };
            (row.id, record)
        });
        Ok(records.collect())
    }

    /// What a tenant's plan lets it hold; nothing is no limit.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn storage_limit(&self, tenant: TenantId) -> Result<Option<i64>, StoreError> {
        let found = sqlx::query_scalar!(
            "SELECT p.max_storage_bytes FROM tenant t JOIN plan p ON p.name = t.plan WHERE t.id = $1",
            tenant.uuid()
        );
        Ok(found.fetch_optional(&self.pool).await?.flatten())
    }

    /// The newest sums of all nodes that are there, together.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn size_sum(&self) -> Result<SizeSum, StoreError> {
        Ok(sqlx::query_as!(
            SizeSum,
            r#"SELECT coalesce(sum(s.tenants), 0)::bigint AS "tenants!", coalesce(sum(s.database_bytes), 0)::bigint AS "database_bytes!",
                      coalesce(sum(s.file_bytes), 0)::bigint AS "file_bytes!"
               FROM node n CROSS JOIN LATERAL (SELECT * FROM node_size WHERE node_id = n.id ORDER BY at DESC LIMIT 1) s
               WHERE n.removed_at IS NULL"#
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The newest sums of each day since then, all nodes together, the oldest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn size_days(&self, since: Timestamp) -> Result<Vec<SizeRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT day AS "day!: jiff_sqlx::Timestamp", sum(database_bytes)::bigint AS "database_bytes!", sum(file_bytes)::bigint AS "file_bytes!"
               FROM (SELECT DISTINCT ON (node_id, date_trunc('day', at AT TIME ZONE 'UTC'))
                         date_trunc('day', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS day, database_bytes, file_bytes
                     FROM node_size WHERE at >= $1
                     ORDER BY node_id, date_trunc('day', at AT TIME ZONE 'UTC'), at DESC) newest
               GROUP BY day ORDER BY day"#,
            since.to_sqlx() as _
        )
        .fetch_all(&self.pool)
        .await?;
        let records = rows.into_iter().map(|row| SizeRecord {
            at: row.day.to_jiff(),
            database_bytes: row.database_bytes,
            file_bytes: Some(row.file_bytes),
        });
        Ok(records.collect())
    }
}

impl Unit {
    /// The times of the next few series after this one, and the last of those few; nothing after the last of all.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn size_times(
        &mut self,
        of: SeriesOf,
        after: Uuid,
        limit: i64,
    ) -> Result<(Option<Uuid>, Vec<SizeTimes>), StoreError> {
        let ids = match of {
            SeriesOf::Tenants => {
                sqlx::query_scalar!(
                    "SELECT id FROM tenant WHERE id > $1 ORDER BY id LIMIT $2",
                    after,
                    limit
                )
                .fetch_all(&mut *self.transaction)
                .await?
            }
            SeriesOf::Nodes => {
                sqlx::query_scalar!(
                    "SELECT id FROM node WHERE id > $1 ORDER BY id LIMIT $2",
                    after,
                    limit
                )
                .fetch_all(&mut *self.transaction)
                .await?
            }
        };
        let mut series = Vec::with_capacity(ids.len());
        for of_one in &ids {
            let times = match of {
                SeriesOf::Tenants => sqlx::query_scalar!(
                    r#"SELECT extract(epoch FROM at)::bigint AS "at!" FROM tenant_size WHERE tenant_id = $1"#,
                    of_one
                )
                .fetch_all(&mut *self.transaction)
                .await?,
                SeriesOf::Nodes => {
                    sqlx::query_scalar!(
                        r#"SELECT extract(epoch FROM at)::bigint AS "at!" FROM node_size WHERE node_id = $1"#,
                        of_one
                    )
                    .fetch_all(&mut *self.transaction)
                    .await?
                }
            };
            series.push(SizeTimes {
                of: *of_one,
                at: times,
            });
        }
        Ok((ids.last().copied(), series))
    }

    /// Forgets these points; the two lists go together.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_sizes(&mut self, of: SeriesOf, points: &[(Uuid, i64)]) -> Result<u64, StoreError> {
        let ids: Vec<Uuid> = points.iter().map(|(id, _)| *id).collect();
        let times: Vec<i64> = points.iter().map(|(_, at)| *at).collect();
        let done = match of {
            SeriesOf::Tenants => {
                sqlx::query!(
                    "DELETE FROM tenant_size s USING unnest($1::uuid[], $2::bigint[]) AS p (id, at) WHERE s.tenant_id = p.id AND s.at = to_timestamp(p.at)",
                    &ids,
                    &times
                )
                .execute(&mut *self.transaction)
                .await?
            }
            SeriesOf::Nodes => {
                sqlx::query!(
                    "DELETE FROM node_size s USING unnest($1::uuid[], $2::bigint[]) AS p (id, at) WHERE s.node_id = p.id AND s.at = to_timestamp(p.at)",
                    &ids,
                    &times
                )
                .execute(&mut *self.transaction)
                .await?
            }
        };
        Ok(done.rows_affected())
    }
}
