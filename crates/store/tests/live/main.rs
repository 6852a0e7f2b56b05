//! The control database as PostgreSQL sees it: its schema, its rules, its migrations.

mod rules;
mod schema;

use store::Store;
use testkit::{CONTROL, TestCluster};

/// What a test gives.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A migrated database of the test's own. The cluster goes with the test run.
struct Database {
    store: Store,
    pool: sqlx::PgPool,
    url: url::Url,
    _cluster: TestCluster,
}

impl Database {
    async fn empty() -> Outcome<Self> {
        let cluster = TestCluster::of(CONTROL).await?;
        let (name, pool) = cluster.fresh_database().await?;
        let mut url = cluster.url().clone();
        url.set_path(&name);
        let store = Store::open(url.as_str(), 4)?;
        Ok(Self {
            store,
            pool,
            url,
            _cluster: cluster,
        })
    }

    async fn migrated() -> Outcome<Self> {
        let database = Self::empty().await?;
        database.store.migrate().await?;
        Ok(database)
    }

    /// The texts that this query gives.
    async fn texts(&self, query: &'static str) -> Outcome<Vec<String>> {
        Ok(sqlx::query_scalar(query).fetch_all(&self.pool).await?)
    }
}
