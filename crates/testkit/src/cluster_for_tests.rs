//! A PostgreSQL cluster for tests: the one that the test run shares, or one of this test's own.

use cluster::{Access, Account, Cluster, ClusterError, ClusterSettings, Durability, Password};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use std::fs::{self, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;
use thiserror::Error;
use url::Url;
use uuid::Uuid;

/// The variable that holds the superuser's URL of the shared cluster for control databases.
pub const CONTROL: &str = "TENANTRY_TEST_CONTROL";
/// The variable that holds the superuser's URL of the shared cluster for tenants.
pub const TENANTS: &str = "TENANTRY_TEST_TENANTS";

/// Many tests share it, and each has pools.
const CONNECTIONS: u16 = 400;

/// A cluster for tests cannot be had.
#[derive(Debug, Error)]
pub enum TestClusterError {
    /// The variable does not hold a URL of PostgreSQL.
    #[error("{variable} is not a URL such as postgres://postgres:password@127.0.0.1:5432/postgres")]
    Variable {
        /// Its name.
        variable: &'static str,
    },
    /// No folder can be made for it.
    #[error("no temporary folder can be made")]
    Folder {
        /// Why not.
        source: std::io::Error,
    },
    /// PostgreSQL does not start.
    #[error("PostgreSQL does not start")]
    Start {
        /// Why not.
        source: ClusterError,
    },
}

/// A cluster for tests. One of the test's own is stopped when this is dropped.
pub struct TestCluster {
    url: Url,
    own: Option<(Cluster, TempDir)>,
}

impl TestCluster {
    /// The cluster that this variable names, or a new one.
    ///
    /// # Errors
    /// When the variable is wrong or PostgreSQL does not start.
    pub async fn of(variable: &'static str) -> Result<Self, TestClusterError> {
        match std::env::var(variable) {
            Ok(text) if !text.is_empty() => {
                let wrong = TestClusterError::Variable { variable };
                let url: Url = text
                    .parse()
                    .map_err(|_| TestClusterError::Variable { variable })?;
                if url.host_str().is_some() {
                    Ok(Self { url, own: None })
                } else {
                    Err(wrong)
                }
            }
            _ => Self::start().await,
        }
    }

    /// A new cluster, whatever the environment says.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn start() -> Result<Self, TestClusterError> {
        Self::start_with(|_, _| Vec::new()).await
    }

    /// A new cluster with more settings, which follow from where it lies and on which port it will answer.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(
        extra: impl FnOnce(&Path, u16) -> Vec<(String, String)>,
    ) -> Result<Self, TestClusterError> {
        let folder = tempfile::Builder::new()
            .prefix("tenantry-test-")
            .tempdir()
            .map_err(|source| TestClusterError::Folder { source })?;
        // PostgreSQL runs as another user when the tests run as root.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))
            .map_err(|source| TestClusterError::Folder { source })?;
        let password = Password::new(unique());
        let port = cluster::free_port().map_err(|source| TestClusterError::Folder { source })?;
        let mut extra = extra(folder.path(), port);
        // Of hundreds of databases that live for seconds each, none has to be cleaned up.
        extra.push(("autovacuum".to_owned(), "off".to_owned()));
        give_away(folder.path()).map_err(|source| TestClusterError::Folder { source })?;
        let settings = ClusterSettings {
            durability: Durability::Disposable,
            max_connections: CONNECTIONS,
            extra,
            ..ClusterSettings::under(folder.path(), port, password)
        };
        let cluster = Cluster::start(settings, |_| {})
            .await
            .map_err(|source| TestClusterError::Start { source })?;
        let url = cluster.superuser("postgres").url();
        let url = url.parse().map_err(|_| TestClusterError::Variable {
            variable: "the cluster's URL",
        })?;
        Ok(Self {
            url,
            own: Some((cluster, folder)),
        })
    }

    /// Where a cluster of the test's own lies.
    pub fn folder(&self) -> Option<&Path> {
        self.own.as_ref().map(|(_, folder)| folder.path())
    }

    /// The superuser's URL of the database `postgres`, password included.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The superuser's access, field by field.
    pub fn superuser(&self) -> Access {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Access {
            host: text(self.url.host_str()),
            port: self.url.port().unwrap_or(5432),
            socket_dir: "/".into(),
            user: self.url.username().to_owned(),
            password: Password::new(text(self.url.password())),
            database: "postgres".to_owned(),
        }
    }

    /// How a driver reaches one of its databases as superuser.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        let access = self.superuser();
        PgConnectOptions::new_without_pgpass()
            .host(&access.host)
            .port(access.port)
            .username(&access.user)
            .password(access.password.expose())
            .database(database)
            .disable_statement_logging()
    }

    /// Makes an empty database of a name that no other test has, and a pool on it.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub async fn fresh_database(&self) -> sqlx::Result<(String, PgPool)> {
        let name = fresh_name("test");
        let mut connection = PgConnection::connect_with(&self.options("postgres")).await?;
        run(&mut connection, format!("CREATE DATABASE \"{name}\"")).await?;
        connection.close().await?;
        let pool = PgPool::connect_with(self.options(&name)).await?;
        Ok((name, pool))
    }

    /// Makes a database of a name that no other test has, with the schema that these migrations make, and a pool on it. The first who
    /// asks has them run; everybody after that has a copy.
    ///
    /// # Errors
    /// What PostgreSQL or a migration refuses.
    pub async fn migrated_database(&self, migrations: &Migrator) -> sqlx::Result<(String, PgPool)> {
        let mut hasher = DefaultHasher::new();
        for migration in migrations.iter() {
            migration.checksum.hash(&mut hasher);
        }
        let model = format!("model_{}", hasher.finish());
        let mut connection = PgConnection::connect_with(&self.options("postgres")).await?;
        if !is_closed(&mut connection, &model).await? {
            // Whoever waits here finds it made.
            sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 0))")
                .bind(&model)
                .execute(&mut connection)
                .await?;
            if !is_closed(&mut connection, &model).await? {
                self.make_model(&mut connection, &model, migrations).await?;
            }
            sqlx::query("SELECT pg_advisory_unlock_all()")
                .execute(&mut connection)
                .await?;
        }
        let name = fresh_name("test");
        let copy = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{model}\"");
        run(&mut connection, copy).await?;
        connection.close().await?;
        let pool = PgPool::connect_with(self.options(&name)).await?;
        Ok((name, pool))
    }

    async fn make_model(
        &self,
        connection: &mut PgConnection,
        model: &str,
        migrations: &Migrator,
    ) -> sqlx::Result<()> {
        run(
            connection,
            format!("DROP DATABASE IF EXISTS \"{model}\" WITH (FORCE)"),
        )
        .await?;
        run(connection, format!("CREATE DATABASE \"{model}\"")).await?;
        let mut inside = PgConnection::connect_with(&self.options(model)).await?;
        migrations.run(&mut inside).await?;
        inside.close().await?;
        run(
            connection,
            format!("ALTER DATABASE \"{model}\" ALLOW_CONNECTIONS false"),
        )
        .await
    }

    /// Waits until a cluster of the test's own is stopped and its folder removed.
    pub async fn stop(self) {
        if let Some((cluster, folder)) = self.own {
            cluster.stop().await;
            // A leftover in the system's folder for temporary files harms nobody.
            let _ = folder.close();
        }
    }
}

/// Whether this database is there and nobody is let into it any more: it is as it should be.
async fn is_closed(connection: &mut PgConnection, model: &str) -> sqlx::Result<bool> {
    let closed = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND NOT datallowconn)";
    sqlx::query_scalar(closed).bind(model).fetch_one(connection).await
}

async fn run(connection: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

/// What is in the folder belongs to the account that PostgreSQL runs as.
fn give_away(folder: &Path) -> std::io::Result<()> {
    let account = Account::by_name("postgres").or_else(|_| Account::by_name("nobody"));
    let (true, Ok(account)) = (Account::current().is_root(), account) else {
        return Ok(());
    };
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        std::os::unix::fs::chown(&path, Some(account.uid), Some(account.gid))?;
        if path.is_dir() {
            give_away(&path)?;
        }
    }
    Ok(())
}

/// A name that no other test has: at most 30 characters of `a-z 0-9 _`.
pub fn fresh_name(prefix: &str) -> String {
    let unique = unique();
    format!("{prefix}_{}", unique.get(..20).unwrap_or(&unique))
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests that run side by side need names of their own"
)]
fn unique() -> String {
    Uuid::new_v4().simple().to_string()
}
