//! Looking into the nodes' cluster as its superuser.

use anyhow::Result;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// The nodes' cluster.
#[derive(Clone, Debug)]
pub struct Postgres {
    url: String,
}

impl Postgres {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// How to connect to one database.
    ///
    /// # Errors
    /// When the cluster's address is damaged.
    pub fn options(&self, database: &str) -> Result<PgConnectOptions> {
        Ok(self.url.parse::<PgConnectOptions>()?.database(database))
    }

    /// A connection to one database.
    ///
    /// # Errors
    /// When there is no such database.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        Ok(PgConnection::connect_with(&self.options(database)?).await?)
    }

    /// The superuser's address of a database, for the tools of PostgreSQL.
    pub fn url(&self, database: &str) -> String {
        let base = self
            .url
            .rsplit_once('/')
            .map_or(self.url.as_str(), |(base, _)| base);
        format!("{base}/{database}")
    }

    /// One text that a query in a database gives.
    ///
    /// # Errors
    /// When the query fails or gives no row.
    pub async fn text(&self, database: &str, query: &str) -> Result<String> {
        let mut connection = self.connect(database).await?;
        let text = sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(text)
    }

    /// Runs a statement in a database.
    ///
    /// # Errors
    /// When it fails.
    pub async fn run(&self, database: &str, statement: &str) -> Result<()> {
        let mut connection = self.connect(database).await?;
        sqlx::query(AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }

    /// The names of all databases.
    ///
    /// # Errors
    /// When PostgreSQL does not answer.
    pub async fn databases(&self) -> Result<Vec<String>> {
        let mut connection = self.connect("postgres").await?;
        Ok(
            sqlx::query_scalar("SELECT datname::text FROM pg_database ORDER BY 1")
                .fetch_all(&mut connection)
                .await?,
        )
    }

    /// A parameter of an Odoo database.
    ///
    /// # Errors
    /// When there is no such parameter.
    pub async fn parameter(&self, database: &str, key: &str) -> Result<String> {
        self.text(
            database,
            &format!("SELECT value FROM ir_config_parameter WHERE key = '{key}'"),
        )
        .await
    }
}
