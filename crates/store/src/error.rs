//! What can go wrong in the store, as far as callers treat it differently.

use thiserror::Error;

/// An error of the control database.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A rule of the database stands in the way.
    #[error("the change conflicts with what is there")]
    Conflict(Conflict),
    /// A row that must be there is not, or not in the state that was read.
    #[error("the row is not there or has changed")]
    Stale,
    /// A row holds a value that this version cannot read.
    #[error("column {column} holds a value that cannot be read")]
    Corrupt {
        /// The column, with its table.
        column: &'static str,
    },
    /// PostgreSQL cannot be reached, or broke off.
    #[error("the control database does not answer")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else that PostgreSQL said.
    #[error("the control database refused a statement")]
    Database(#[source] sqlx::Error),
    /// The migrations could not be run.
    #[error("the control database could not be migrated")]
    Migration(#[source] sqlx::migrate::MigrateError),
}

/// Which rule of the database stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The tenant's name is taken, in this or another spelling.
    TenantName,
    /// A key of this name is in force.
    ApiKeyName,
    /// Somebody signs in with this address already.
    PersonEmail,
    /// The passkey is somebody's already.
    Passkey,
    /// An organization of this name is there.
    OrganizationName,
    /// An identity provider of this name is there.
    ProviderName,
    /// Somebody has this identity at the provider, or the person has another one there.
    Identity,
    /// The `Idempotency-Key` was used before.
    IdempotencyKey,
    /// A template of this name is on the node.
    TemplateName,
    /// Somebody has a support access to the tenant already.
    SupportAccess,
    /// Another job with the same key is under way.
    JobKey,
    /// A job of this schedule is under way.
    JobOfSchedule,
    /// The tenant moves, or a copy of an earlier move is kept.
    Relocation,
    /// A plan of this name is there.
    PlanName,
    /// A product of this name is there.
    ProductName,
    /// The plan, product or node that was named is gone.
    Reference,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::Stale,
            sqlx::Error::Database(database) => match database.constraint().and_then(meaning) {
                Some(conflict) => Self::Conflict(conflict),
                // Class 57 is operator intervention (shutdown), 53 exhausted resources, 08 connection.
                None if database
                    .code()
                    .is_some_and(|code| ["57", "53", "08"].iter().any(|c| code.starts_with(c))) =>
                {
                    Self::Unavailable(error)
                }
                None => Self::Database(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error),
            _ => Self::Database(error),
        }
    }
}

/// The one place that knows what a constraint's name means to a caller.
fn meaning(constraint: &str) -> Option<Conflict> {
    Some(match constraint {
        "name_reservation_pkey" | "tenant_database_key" | "tenant_host_label_key" => Conflict::TenantName,
        "api_key_name_in_force" => Conflict::ApiKeyName,
        "person_email_key" => Conflict::PersonEmail,
        "passkey_credential_key" => Conflict::Passkey,
        "sso_provider_name" => Conflict::ProviderName,
        "sso_identity_pkey" | "sso_identity_one_each" => Conflict::Identity,
        "organization_name" => Conflict::OrganizationName,
        "operation_idempotency" => Conflict::IdempotencyKey,
        "support_access_one_each" => Conflict::SupportAccess,
        "template_name_on_node" => Conflict::TemplateName,
        "job_key_held" => Conflict::JobKey,
        "job_open_of_schedule" => Conflict::JobOfSchedule,
        "relocation_open" => Conflict::Relocation,
        "plan_pkey" => Conflict::PlanName,
        "product_pkey" => Conflict::ProductName,
        "tenant_plan_fkey" | "tenant_product_fkey" | "tenant_node_fkey" => Conflict::Reference,
        _ => return None,
    })
}

/// Reads a text column through its type's door.
pub(crate) fn read<T: std::str::FromStr>(column: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { column })
}

/// Reads an optional text column through its type's door.
pub(crate) fn read_optional<T: std::str::FromStr>(
    column: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(column, text)).transpose()
}
