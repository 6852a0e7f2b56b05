//! The databases that are the node's own, and the one way in which they change name, owner and standing.

use crate::error::NodeError;
use crate::identifier::Identifier;
use crate::statement::{self, Connections};
use domain::{DatabaseName, TemplateName, TenantId, TransferId};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgExecutor, Row, postgres::PgRow};
use std::fmt;
use uuid::Uuid;
use wire::node::Service;

/// What an order is about; orders for one subject are done one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A tenant.
    Tenant(TenantId),
    /// A template.
    Template(TemplateName),
    /// A tenant's backups: what is done with them goes beside what is done with the tenant.
    Backups(TenantId),
    /// Looking after a tenant's database, which goes beside both.
    Upkeep(TenantId),
    /// Somebody who waits for what a backup holds: however slowly they take it, nobody else waits for them.
    Download(TransferId),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(tenant) => write!(formatter, "{tenant}"),
            Self::Template(name) => write!(formatter, "template:{name}"),
            Self::Backups(tenant) => write!(formatter, "backups:{tenant}"),
            Self::Upkeep(tenant) => write!(formatter, "upkeep:{tenant}"),
            Self::Download(transfer) => write!(formatter, "download:{transfer}"),
        }
    }
}

impl Subject {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("template", name)) => name.parse().ok().map(Self::Template),
            Some(("backups", tenant)) => tenant.parse().ok().map(Self::Backups),
            Some(("upkeep", tenant)) => tenant.parse().ok().map(Self::Upkeep),
            Some(("download", transfer)) => transfer.parse().ok().map(Self::Download),
            Some(_) => None,
            None => text.parse().ok().map(Self::Tenant),
        }
    }
}

/// Where a managed database stands. Only an open or restricted one belongs to Odoo's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Being made; nobody but the node may see it.
    Building,
    /// In use.
    Open,
    /// In use by the visitors of its website alone; the edge closes the back office.
    Restricted,
    /// Shut, and the edge says why.
    Suspended,
    /// Shut by its customer.
    Paused,
    /// Shut for a moment while it is moved.
    Maintenance,
    /// Deleted, but kept for a while.
    Tombstone,
    /// Tenants are cloned from it.
    Template,
    /// A template that was replaced and is to be dropped.
    Replaced,
    /// A clone that waits for its tenant.
    Pooled,
    /// Come from another node, and not opened yet.
    Arriving,
    /// Left of a tenant that moved to another node.
    Kept,
}

impl From<Service> for Standing {
    fn from(service: Service) -> Self {
        match service {
            Service::Open => Self::Open,
            Service::Suspended => Self::Suspended,
            Service::Paused => Self::Paused,
            Service::Restricted => Self::Restricted,
        }
    }
}

impl Standing {
    const ALL: [Self; 12] = [
        Self::Building,
        Self::Open,
        Self::Restricted,
        Self::Suspended,
        Self::Paused,
        Self::Maintenance,
        Self::Tombstone,
        Self::Template,
        Self::Replaced,
        Self::Pooled,
        Self::Arriving,
        Self::Kept,
    ];

    /// Whether Odoo may have the database: then it belongs to Odoo's role.
    pub const fn is_odoo_s(self) -> bool {
        matches!(self, Self::Open | Self::Restricted)
    }

    /// The word in the journal and for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Open => "open",
            Self::Restricted => "restricted",
            Self::Suspended => "suspended",
            Self::Paused => "paused",
            Self::Maintenance => "maintenance",
            Self::Tombstone => "tombstone",
            Self::Template => "template",
            Self::Replaced => "replaced",
            Self::Pooled => "pooled",
            Self::Arriving => "arriving",
            Self::Kept => "kept",
        }
    }
}

/// A database that is the node's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Managed {
    /// Its name.
    pub name: Identifier,
    /// Its number in `pg_database`; nothing until it is made.
    pub oid: Option<i64>,
    /// Whose it is.
    pub subject: Subject,
    /// Where it stands.
    pub standing: Standing,
    /// A tombstone's name in life.
    pub former: Option<Identifier>,
    /// The newest generation that an order for it carried.
    pub generation: i64,
}

const COLUMNS: &str = "name, oid, subject, standing, former, generation";

impl Managed {
    fn from_row(row: &PgRow) -> Result<Self, NodeError> {
        let name: String = row.try_get("name")?;
        let (subject, standing): (String, String) = (row.try_get("subject")?, row.try_get("standing")?);
        let former: Option<String> = row.try_get("former")?;
        let unreadable = || NodeError::Record {
            what: format!("database {name}"),
        };
        let standing = Standing::ALL.into_iter().find(|known| known.as_str() == standing);
        Ok(Self {
            subject: Subject::parse(&subject).ok_or_else(unreadable)?,
            standing: standing.ok_or_else(unreadable)?,
            former: former
                .map(|name| name.parse().map_err(|_| unreadable()))
                .transpose()?,
            oid: row.try_get("oid")?,
            generation: row.try_get("generation")?,
            name: name.parse().map_err(|_| unreadable())?,
        })
    }

    /// The database's name as a tenant's; nothing for a tombstone or a template.
    pub fn database(&self) -> Option<DatabaseName> {
        self.name.as_str().parse().ok()
    }
}

/// All managed databases by name.
pub(crate) async fn all(executor: impl PgExecutor<'_>) -> Result<Vec<Managed>, NodeError> {
    let text = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM managed_database ORDER BY name"));
    let rows = sqlx::query(text).fetch_all(executor).await?;
    rows.iter().map(Managed::from_row).collect()
}

/// The subject's database in its finished form: a tenant's, a tombstone or a template.
pub(crate) async fn of_subject(
    executor: impl PgExecutor<'_>,
    subject: &Subject,
) -> Result<Option<Managed>, NodeError> {
    let text = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM managed_database WHERE subject = $1 AND standing NOT IN ('building', 'replaced', 'pooled', 'kept')"
    ));
    let row = sqlx::query(text)
        .bind(subject.to_string())
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(Managed::from_row).transpose()
}

/// The subject's database in its finished form, or what is left of it after it moved away.
pub(crate) async fn of_subject_or_kept(
    executor: impl PgExecutor<'_>,
    subject: &Subject,
) -> Result<Option<Managed>, NodeError> {
    let text = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM managed_database WHERE subject = $1 AND standing NOT IN ('building', 'replaced', 'pooled') \
         ORDER BY standing = 'kept' LIMIT 1"
    ));
    let row = sqlx::query(text)
        .bind(subject.to_string())
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(Managed::from_row).transpose()
}

/// The managed database of this name.
pub(crate) async fn named(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
) -> Result<Option<Managed>, NodeError> {
    let text = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM managed_database WHERE name = $1"));
    let row = sqlx::query(text)
        .bind(name.as_str())
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(Managed::from_row).transpose()
}

/// The database that a command made, or is making.
pub(crate) async fn made_by(
    executor: impl PgExecutor<'_>,
    command: Uuid,
) -> Result<Option<Managed>, NodeError> {
    let text = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM managed_database WHERE created_by = $1"
    ));
    let row = sqlx::query(text).bind(command).fetch_optional(executor).await?;
    row.as_ref().map(Managed::from_row).transpose()
}

/// Claims a name for a database that is about to be made. Claiming it again is nothing new.
pub(crate) async fn claim(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    subject: &Subject,
    command: Uuid,
) -> Result<(), NodeError> {
    sqlx::query(
        "INSERT INTO managed_database (name, subject, standing, created_by) VALUES ($1, $2, 'building', $3) \
         ON CONFLICT (name) DO NOTHING",
    )
    .bind(name.as_str())
    .bind(subject.to_string())
    .bind(command)
    .execute(executor)
    .await?;
    Ok(())
}

/// Notes the number of the database that was made under a claimed name.
pub(crate) async fn number(
    executor: impl PgExecutor<'_>,
    name: &Identifier,
    oid: i64,
) -> Result<(), NodeError> {
    let done = sqlx::query("UPDATE managed_database SET oid = $2 WHERE name = $1")
        .bind(name.as_str())
        .bind(oid)
        .execute(executor)
        .await?;
    one_row(name, done.rows_affected())
}

/// Notes that the database of a claimed name is gone, and the name still claimed.
pub(crate) async fn unnumber(executor: impl PgExecutor<'_>, name: &Identifier) -> Result<(), NodeError> {
    sqlx::query("UPDATE managed_database SET oid = NULL WHERE name = $1 AND standing = 'building'")
        .bind(name.as_str())
        .execute(executor)
        .await?;
    Ok(())
}

/// Forgets a database that is gone.
pub(crate) async fn forget(executor: impl PgExecutor<'_>, name: &Identifier) -> Result<(), NodeError> {
    sqlx::query("DELETE FROM managed_database WHERE name = $1")
        .bind(name.as_str())
        .execute(executor)
        .await?;
    Ok(())
}

/// The roles between which databases change hands.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    pub(crate) node: Identifier,
    pub(crate) odoo: Identifier,
}

/// Moves a database from one state to another: name, owner, rights and the journal's row in one transaction
/// of the caller's, so that no crash can part them.
///
/// # Errors
/// When the journal's row is not as `from` says, or PostgreSQL refuses.
pub(crate) async fn transfer(
    transaction: &mut PgConnection,
    roles: &Roles,
    from: &Managed,
    to: &Managed,
) -> Result<(), NodeError> {
    let done = sqlx::query(
        "UPDATE managed_database SET name = $3, standing = $4, former = $5, generation = greatest(generation, $6) \
         WHERE name = $1 AND oid = $2 AND EXISTS (SELECT 1 FROM pg_database WHERE oid = $2::oid AND datname = $1)",
    )
    .bind(from.name.as_str())
    .bind(from.oid)
    .bind(to.name.as_str())
    .bind(to.standing.as_str())
    .bind(to.former.as_ref().map(Identifier::as_str))
    .bind(to.generation)
    .execute(&mut *transaction)
    .await?;
    one_row(&from.name, done.rows_affected())?;
    if from.name != to.name {
        statement::rename_database(&mut *transaction, &from.name, &to.name).await?;
    }
    let owner = if to.standing.is_odoo_s() {
        &roles.odoo
    } else {
        &roles.node
    };
    statement::set_owner(&mut *transaction, &to.name, owner).await?;
    statement::revoke_connect(&mut *transaction, &to.name, None).await?;
    if !to.standing.is_odoo_s() {
        statement::revoke_connect(&mut *transaction, &to.name, Some(&roles.odoo)).await?;
    }
    if to.standing == Standing::Template {
        statement::set_template(&mut *transaction, &to.name, Connections::Refused).await?;
    } else if from.standing == Standing::Template {
        statement::set_template(&mut *transaction, &to.name, Connections::Allowed).await?;
    }
    Ok(())
}

fn one_row(name: &Identifier, rows: u64) -> Result<(), NodeError> {
    (rows == 1).then_some(()).ok_or_else(|| NodeError::Record {
        what: format!("database {name}"),
    })
}
