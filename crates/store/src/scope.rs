//! On whose behalf the control database is asked, and the transaction.

use crate::error::StoreError;
use domain::{ApiKeyId, Extent, NodeId, OrganizationId, PersonId, Principal, TenantId};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use std::net::IpAddr;
use std::sync::Arc;
use std::{fmt, time::Duration};
use tokio::sync::Notify;
use uuid::Uuid;

/// What makes the schema of this version.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a request waits for a connection before it is told that the database does not answer.
const ACQUIRE_DEADLINE: Duration = Duration::from_secs(5);

/// On whose behalf something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever holds an API key.
    Key(ApiKeyId),
    /// A person who signed in.
    Person(PersonId),
    /// A node that reports what it did.
    Node(NodeId),
    /// The holder of a one-time link.
    Link,
    /// Somebody who was not recognized.
    Nobody,
    /// The program itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => id.fmt(formatter),
            Self::Person(id) => id.fmt(formatter),
            Self::Node(id) => id.fmt(formatter),
            Self::Link => formatter.write_str("link"),
            Self::Nobody => formatter.write_str("nobody"),
            Self::System => formatter.write_str("system"),
        }
    }
}

impl From<&Principal> for Actor {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::Person(person) => Self::Person(person.person),
            Principal::Key(key) => Self::Key(key.key),
            Principal::Link => Self::Link,
            Principal::System => Self::System,
        }
    }
}

/// On whose behalf something is done, and what they are: the role that the audit trail keeps is that with which they
/// asked, whatever the change makes of it.
#[derive(Clone, Debug)]
pub struct Behalf {
    pub(crate) actor: Actor,
    pub(crate) principal: Option<Principal>,
}

impl From<Actor> for Behalf {
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            principal: None,
        }
    }
}

impl From<&Principal> for Behalf {
    fn from(principal: &Principal) -> Self {
        Self {
            actor: Actor::from(principal),
            principal: Some(principal.clone()),
        }
    }
}

impl fmt::Display for Behalf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.actor.fmt(formatter)
    }
}

/// The request in whose course something is done. It is set at the one door that requests come through, so that no use
/// case can forget it or make it up.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The address that asked, as far as trusted proxies can be believed.
    pub address: Option<IpAddr>,
    /// The request's id.
    pub request_id: Option<String>,
}

tokio::task_local! {
    static ASKED: Asked;
}

impl Asked {
    /// Does the work of this request.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        ASKED.scope(self, work).await
    }

    /// That of the work at hand; empty outside of any.
    pub(crate) fn now() -> Self {
        ASKED.try_with(Clone::clone).unwrap_or_default()
    }
}

/// An extent as statements take it.
pub(crate) struct Bounds {
    pub(crate) every_organization: bool,
    pub(crate) organizations: Vec<Uuid>,
    pub(crate) tenants: Option<Vec<Uuid>>,
}

impl From<&Extent> for Bounds {
    fn from(extent: &Extent) -> Self {
        let ids = |tenants: &[TenantId]| tenants.iter().map(|id| id.uuid()).collect();
        Self {
            every_organization: extent.every_organization(),
            organizations: extent
                .organizations()
                .iter()
                .copied()
                .map(OrganizationId::uuid)
                .collect(),
            tenants: extent.tenants().map(ids),
        }
    }
}

/// The control database, not yet on anybody's behalf.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    audited: Arc<Notify>,
}

/// The control database on somebody's behalf.
#[derive(Clone, Debug)]
pub struct Scoped {
    pub(crate) pool: PgPool,
    pub(crate) behalf: Behalf,
    pub(crate) audited: Arc<Notify>,
}

/// One transaction on somebody's behalf. Dropped without [`Unit::commit`], it never happened.
pub struct Unit {
    pub(crate) transaction: Transaction<'static, Postgres>,
    pub(crate) behalf: Behalf,
    /// Whether it wrote into the audit trail.
    pub(crate) has_audited: bool,
    audited: Arc<Notify>,
}

impl Store {
    /// Opens a pool of at most `connections`; connects when first used.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the URL cannot be read.
    pub fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_DEADLINE)
            .connect_lazy_with(options.application_name("tenantry server"));
        Ok(Self {
            pool,
            audited: Arc::new(Notify::new()),
        })
    }

    /// Brings the schema up to this version. Safe to run from several replicas at once.
    ///
    /// # Errors
    /// [`StoreError::Migration`] with PostgreSQL's reason.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATIONS.run(&self.pool).await.map_err(StoreError::Migration)
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query!("SELECT 1 AS one").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// The database on this actor's behalf.
    pub fn on_behalf_of(&self, behalf: impl Into<Behalf>) -> Scoped {
        Scoped {
            pool: self.pool.clone(),
            behalf: behalf.into(),
            audited: Arc::clone(&self.audited),
        }
    }

    /// Waits until this process has written into the audit trail, or has since it was last asked.
    pub async fn audited(&self) {
        self.audited.notified().await;
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }
}

impl Scoped {
    /// Begins a transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection is to be had.
    pub async fn begin(&self) -> Result<Unit, StoreError> {
        // In a task of its own, because a caller who goes away in the middle of BEGIN would leave a transaction open that
        // sqlx knows nothing of: the pool would lend it on, and what is written next would never be committed.
        let pool = self.pool.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that begins, out of reach of a cancellation"
        )]
        let begun = tokio::spawn(async move { pool.begin().await }).await;
        Ok(Unit {
            transaction: begun.unwrap_or(Err(sqlx::Error::WorkerCrashed))?,
            behalf: self.behalf.clone(),
            has_audited: false,
            audited: Arc::clone(&self.audited),
        })
    }
}

impl Unit {
    /// Goes on on behalf of somebody who became known within the unit.
    pub fn act_as(&mut self, actor: Actor) {
        self.behalf = actor.into();
    }

    /// Makes everything done in this unit true, all at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the answer did not come; then it may or may not be true.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await?;
        if self.has_audited {
            self.audited.notify_one();
        }
        Ok(())
    }
}
