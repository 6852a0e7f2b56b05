//! Connections to the node's cluster: one pool on the journal, one-shot connections to everything else.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::settings::ClusterAccess;
use domain::Secret;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::time::Duration;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

impl ClusterAccess {
    /// How a database is reached. `name` is what `pg_stat_activity` shows.
    fn options(&self, database: &Identifier, name: &str) -> PgConnectOptions {
        options(&self.host, self.port, self.role.as_str(), &self.password)
            .database(database.as_str())
            .application_name(name)
    }

    /// The name of this agent's own sessions: it differs for each journal, because an agent that starts
    /// ends what its predecessor of the same journal left behind, and nobody else's.
    pub(crate) fn session_name(&self) -> String {
        format!("tenantry node {}", self.journal)
    }

    /// A connection for one short piece of work; close it at once.
    pub(crate) async fn connect(&self, database: &Identifier) -> Result<PgConnection, NodeError> {
        // A worker of Odoo may hold a row for long; an order that waits for it holds up everything else.
        connect(
            &self
                .options(database, &self.session_name())
                .options([("lock_timeout", "10s")]),
        )
        .await
    }

    /// The pool on the journal. It connects when it is first used.
    pub(crate) fn pool(&self, size: u32) -> PgPool {
        PgPoolOptions::new()
            .max_connections(size)
            .min_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(Duration::from_secs(600))
            .connect_lazy_with(self.options(&self.journal, &self.session_name()))
    }
}

/// Connection settings that no `PG…` variable and no `.pgpass` can change.
pub(crate) fn options(host: &str, port: u16, role: &str, password: &Secret<String>) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host(host)
        .port(port)
        .username(role)
        .password(password.expose())
        .statement_cache_capacity(64)
        // Cloning takes as long as it takes; the driver would call it slow at WARN.
        .disable_statement_logging()
}

/// Opens one connection.
///
/// # Errors
/// [`NodeError::Unavailable`] when nothing answers in 10 s, [`NodeError::Refused`] when the server says no.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, NodeError> {
    match tokio::time::timeout(PATIENCE, PgConnection::connect_with(options)).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(NodeError::Unavailable {
            source: sqlx::Error::PoolTimedOut,
        }),
    }
}
