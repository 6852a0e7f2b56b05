//! The test's own control database, looked at from behind.

use super::Outcome;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Connection as _};
use std::collections::BTreeSet;
use testkit::TestCluster;
use url::Url;

/// The test's own control database.
pub struct Database {
    pub name: String,
    pub url: Url,
    pub pool: PgPool,
}

impl Database {
    pub async fn create(cluster: &TestCluster) -> Outcome<Self> {
        let (name, pool) = cluster.migrated_database(&store::MIGRATIONS).await?;
        let mut url = cluster.url().clone();
        url.set_path(&name);
        Ok(Self { name, url, pool })
    }

    /// Every row of every table as text, secrets in bytes included. When keys and nodes were last seen is left
    /// out, because looking changes that; so are the entries that say what was refused, what the front door found,
    /// what is done regularly, and the audit trail's chain, which is written whenever its turn comes.
    pub async fn dump(&self) -> Outcome<String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('security_block', 'audit_day', 'audit_key', 'server_identity', 'schedule') ORDER BY tablename",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut dump = String::new();
        for table in tables {
            let query = format!(
                "SELECT (to_jsonb(t) - '{{last_used_at,last_seen_at,chain_day,chain_number,chain_hash,chain_signature}}'::text[])::text FROM \"{table}\" t ORDER BY 1"
            );
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
                .fetch_all(&self.pool)
                .await?;
            let by_itself = [
                "\"action\": \"refused.",
                "\"action\": \"audit.",
                "\"kind\": \"regular.",
            ];
            let kept = |row: &String| !by_itself.iter().any(|sign| row.contains(sign));
            for row in rows.into_iter().filter(kept) {
                dump.push_str(&format!("{table} {row}\n"));
            }
        }
        Ok(dump)
    }

    /// That every row is as it was in this dump.
    ///
    /// # Errors
    /// With the rows that came and went.
    pub async fn still(&self, before: &str) -> Outcome {
        let now = self.dump().await?;
        let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (before.lines().collect(), now.lines().collect());
        if old == new {
            return Ok(());
        }
        let gone: Vec<_> = old.difference(&new).collect();
        let come: Vec<_> = new.difference(&old).collect();
        Err(format!("something changed: {gone:#?} became {come:#?}").into())
    }

    /// The number that this query gives.
    pub async fn count(&self, query: &'static str) -> Outcome<i64> {
        Ok(sqlx::query_scalar(query).fetch_one(&self.pool).await?)
    }

    /// What nodes were told and have not answered.
    pub async fn open_commands(&self) -> Outcome<Vec<String>> {
        let query = "SELECT payload::text FROM node_command WHERE state <> 'done' ORDER BY created_at";
        Ok(sqlx::query_scalar(query).fetch_all(&self.pool).await?)
    }

    /// Runs statements as they stand.
    pub async fn run(&self, statements: &str) -> Outcome {
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn remove(&self, cluster: &TestCluster) -> Outcome {
        self.pool.close().await;
        let mut connection = PgConnection::connect_with(&cluster.options("postgres")).await?;
        let statement = format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name);
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }
}
