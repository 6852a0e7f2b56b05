//! The rival of every creation: PostgreSQL's own statement on a connection that is open already.

use crate::ground::{Ground, TEMPLATE};
use anyhow::Result;
use sqlx::{AssertSqlSafe, PgConnection};
use std::time::Duration;
use tokio::time::Instant;

/// Clones of the template that nobody uses.
pub(crate) struct Raw {
    connection: PgConnection,
    made: Vec<String>,
}

impl Raw {
    pub(crate) async fn open(ground: &Ground) -> Result<Self> {
        Ok(Self {
            connection: ground.as_node().await?,
            made: Vec::new(),
        })
    }

    /// Clones the template as the node does; says how long the statement took.
    pub(crate) async fn clone_template(&mut self, ground: &Ground) -> Result<Duration> {
        let name = ground.name().replace('-', "_");
        let statement = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
        let began = Instant::now();
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut self.connection)
            .await?;
        let took = began.elapsed();
        self.made.push(name);
        Ok(took)
    }

    /// Drops what was cloned.
    pub(crate) async fn drop_clones(&mut self) -> Result<()> {
        for name in self.made.drain(..) {
            let statement = format!("DROP DATABASE {name}");
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }
}
