//! Sets a cluster up for the node, once, as a superuser: two roles and the journal's database.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::postgres;
use crate::scram::Verifier;
use crate::settings::ClusterAccess;
use crate::statement;
use domain::Secret;
use sqlx::{Connection, PgConnection, Row};

/// The number of the lock that keeps two set-ups from one cluster, in the database `postgres`.
const LOCK: i64 = 0x746e_7470;

/// A superuser's access, used for nothing but [`prepare`].
#[derive(Clone, Debug)]
pub struct SuperuserAccess {
    /// Host name or address, or the folder of a Unix socket.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The superuser's name.
    pub role: String,
    /// The superuser's password.
    pub password: Secret<String>,
}

/// Makes the roles of Odoo and of the node with these passwords, and the journal's database, with the extension that counts statements where
/// PostgreSQL has its library loaded; what is there already is set right. Databases that exist, `postgres` and `template1` are left as they are: Odoo needs to connect to
/// `postgres` in order to list its databases.
///
/// # Errors
/// When PostgreSQL does not answer or the access is not a superuser's.
pub async fn prepare(
    superuser: &SuperuserAccess,
    node: &ClusterAccess,
    odoo_role: &Identifier,
    odoo_password: &Secret<String>,
) -> Result<(), NodeError> {
    let options = postgres::options(
        &superuser.host,
        superuser.port,
        &superuser.role,
        &superuser.password,
    )
    .database("postgres")
    .application_name("tenantry prepare");
    let mut connection = postgres::connect(&options).await?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut connection)
        .await?;
    let prepared = prepare_with(&mut connection, node, odoo_role, odoo_password).await;
    let counted = match prepared {
        Ok(()) => count_statements(superuser, node).await,
        Err(error) => Err(error),
    };
    connection.close().await?;
    counted
}

async fn prepare_with(
    connection: &mut PgConnection,
    node: &ClusterAccess,
    odoo_role: &Identifier,
    odoo_password: &Secret<String>,
) -> Result<(), NodeError> {
    // A verifier is no password, but it has no business in a log either.
    sqlx::query("SET log_statement = 'none'")
        .execute(&mut *connection)
        .await?;
    sqlx::query("SET log_min_duration_statement = -1")
        .execute(&mut *connection)
        .await?;
    let plain = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";
    make_role(connection, odoo_role, plain, odoo_password).await?;
    let maker = "NOSUPERUSER CREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS INHERIT";
    make_role(connection, &node.role, maker, &node.password).await?;
    let row = sqlx::query("SELECT current_setting('server_version_num')::int >= 160000")
        .fetch_one(&mut *connection)
        .await?;
    let options = if row.try_get(0)? {
        " WITH INHERIT TRUE, SET TRUE"
    } else {
        ""
    };
    statement::grant_role(&mut *connection, odoo_role, &node.role, options).await?;
    statement::grant_signals(&mut *connection, &node.role).await?;
    statement::grant_archiving(&mut *connection, &node.role).await?;
    make_journal(connection, node).await
}

async fn make_role(
    connection: &mut PgConnection,
    name: &Identifier,
    attributes: &'static str,
    password: &Secret<String>,
) -> Result<(), NodeError> {
    let row = sqlx::query("SELECT count(*) > 0 FROM pg_roles WHERE rolname = $1")
        .bind(name.as_str())
        .fetch_one(&mut *connection)
        .await?;
    let verifier = Verifier::new(password);
    Ok(statement::set_role(connection, name, attributes, &verifier, row.try_get(0)?).await?)
}

async fn make_journal(connection: &mut PgConnection, node: &ClusterAccess) -> Result<(), NodeError> {
    let row = sqlx::query("SELECT count(*) > 0 FROM pg_database WHERE datname = $1")
        .bind(node.journal.as_str())
        .fetch_one(&mut *connection)
        .await?;
    if !row.try_get::<bool, _>(0)? {
        statement::create_database(&mut *connection, &node.journal, &node.role).await?;
    }
    statement::set_owner(&mut *connection, &node.journal, &node.role).await?;
    statement::revoke_connect(&mut *connection, &node.journal, None).await?;
    Ok(())
}

/// Has PostgreSQL's count of statements be readable in the journal's database, where its library was loaded.
async fn count_statements(superuser: &SuperuserAccess, node: &ClusterAccess) -> Result<(), NodeError> {
    let options = postgres::options(
        &superuser.host,
        superuser.port,
        &superuser.role,
        &superuser.password,
    )
    .database(node.journal.as_str())
    .application_name("tenantry prepare");
    let mut connection = postgres::connect(&options).await?;
    let row = sqlx::query(
        "SELECT 'pg_stat_statements' = ANY (string_to_array(replace(current_setting('shared_preload_libraries'), ' ', ''), ',')) \
         AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements')",
    )
    .fetch_one(&mut connection)
    .await?;
    if row.try_get::<bool, _>(0)? {
        sqlx::query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}
