//! Preparing a PostgreSQL for the control plane: its role and its database, as a superuser.

use crate::error::StoreError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

/// The control plane's role, which owns its database and nothing else.
pub const ROLE: &str = "tenantry_control";
/// The control plane's database.
pub const DATABASE: &str = "tenantry";

/// Makes role and database when they are missing and sets the role's password; nobody else may connect.
///
/// The password must consist of letters and digits, as generated ones do.
///
/// # Errors
/// [`StoreError::Database`] when PostgreSQL refuses, or the password could break out of a literal.
pub async fn prepare(superuser_url: &str, password: &str) -> Result<(), StoreError> {
    if password.is_empty() || !password.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(StoreError::Corrupt {
            column: "the role's password",
        });
    }
    let options: PgConnectOptions = superuser_url.parse()?;
    let mut connection = PgConnection::connect_with(&options).await?;
    // A statement with a password in it must not be logged, whatever the server's settings are.
    connection.execute("SET log_statement = 'none'; SET log_min_error_statement = 'panic'; SET log_min_duration_statement = -1").await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(ROLE)
        .fetch_one(&mut connection)
        .await?;
    if !known {
        connection
            .execute(AssertSqlSafe(format!("CREATE ROLE {ROLE} LOGIN")))
            .await?;
    }
    connection
        .execute(AssertSqlSafe(format!("ALTER ROLE {ROLE} PASSWORD '{password}'")))
        .await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
    if !known {
        connection
            .execute(AssertSqlSafe(format!(
                "CREATE DATABASE {DATABASE} OWNER {ROLE} TEMPLATE template0 ENCODING 'UTF8'"
            )))
            .await?;
    }
    connection
        .execute(AssertSqlSafe(format!(
            "REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC"
        )))
        .await?;
    Ok(connection.close().await?)
}
