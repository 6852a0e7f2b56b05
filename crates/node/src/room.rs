//! What all orders work with: settings, journal, folders, and the limits on what is done at once.

use crate::error::{Code, NodeError, StepFailure};
use crate::filestore::Filestores;
use crate::identifier::Identifier;
use crate::journal::Journal;
use crate::managed::{self, Managed, Roles, Subject};
use crate::marker::Markers;
use crate::point_in_time;
use crate::pool::Sessions;
use crate::settings::{NodeSettings, PoolPolicy};
use crate::transfer::{self, Carrier};
use crate::unmanaged;
use crate::upkeep::UnderWay;
use domain::{DatabaseName, TenantId};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::fs;
use std::num::NonZero;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, OwnedMutexGuard, RwLock, Semaphore};
use wire::node::PoolRules;

/// Tenants that are warmed up at once: it loads every worker for a second, and tenants' users come first.
const WARMING: usize = 1;
/// Backups that are taken, looked at or forgotten at once.
const BACKING_UP: usize = 2;
/// Downloads that are sent at once.
const SENDING: usize = 4;

/// What all orders work with.
pub(crate) struct Room {
    pub(crate) settings: NodeSettings,
    pub(crate) journal: Journal,
    pub(crate) filestores: Filestores,
    pub(crate) markers: Markers,
    pub(crate) http: reqwest::Client,
    /// Password hashes at once: each takes a core for some tenths of a second.
    pub(crate) hashing: Arc<Semaphore>,
    pub(crate) warming: Semaphore,
    /// Backups that are taken or looked at: tenants' users come first.
    pub(crate) backing_up: Semaphore,
    /// Databases that are looked after.
    pub(crate) upkeep: UnderWay,
    /// Downloads that are sent.
    pub(crate) sending: Semaphore,
    /// Read while a template is copied, written while one is replaced.
    pub(crate) templates: Arc<RwLock<()>>,
    /// Tenants that are being made or wait for it: the pool is not filled meanwhile.
    pub(crate) creating: AtomicUsize,
    /// Told when a clone was taken from the pool, or a template changed.
    pub(crate) pool_moved: Notify,
    /// Open on the clones that are taken next.
    pub(crate) sessions: Sessions,
    /// Who carries tenants to and from other nodes; nobody until the node has a server.
    pub(crate) carrier: OnceLock<Arc<dyn Carrier>>,
    /// What was seen of the databases that nobody manages.
    pub(crate) unmanaged: unmanaged::Seen,
    /// What is known of the archive of the cluster's log.
    pub(crate) point_in_time: point_in_time::Known,
    /// How many clones are kept: as the node was told at its start, or by the server since.
    pool_policy: Mutex<PoolPolicy>,
    slots: Semaphore,
    queues: Mutex<HashMap<Subject, Weak<tokio::sync::Mutex<()>>>>,
}

impl Room {
    pub(crate) async fn open(settings: NodeSettings) -> Result<Self, NodeError> {
        let roles = Roles {
            node: settings.cluster.role.clone(),
            odoo: settings.odoo_role.clone(),
        };
        let markers = Markers::open(&settings.hosts_dir)?;
        for folder in [&settings.dumps_dir, &settings.work_dir] {
            fs::create_dir_all(folder).map_err(NodeError::file("make", folder))?;
        }
        let http = crate::client::make()?;
        let parallel = settings.parallel.max(1);
        let pool_size = u32::try_from(parallel).unwrap_or(u32::MAX).saturating_add(4);
        let journal = Journal::open(&settings.cluster, roles, pool_size).await?;
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            filestores: Filestores::new(&settings.filestore_dir),
            markers,
            http,
            journal,
            hashing: Arc::new(Semaphore::new(cores)),
            warming: Semaphore::new(WARMING),
            backing_up: Semaphore::new(BACKING_UP),
            upkeep: UnderWay::default(),
            sending: Semaphore::new(SENDING),
            templates: Arc::default(),
            creating: AtomicUsize::new(0),
            pool_moved: Notify::new(),
            sessions: Sessions::default(),
            carrier: OnceLock::new(),
            unmanaged: unmanaged::Seen::default(),
            point_in_time: point_in_time::Known::default(),
            pool_policy: Mutex::new(settings.pool),
            slots: Semaphore::new(parallel),
            queues: Mutex::default(),
            settings,
        })
    }

    /// How many clones are kept.
    pub(crate) fn pool_policy(&self) -> PoolPolicy {
        *self.pool_policy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps clones as the server says; what it does not say is as the node was told at its start.
    pub(crate) fn obey(&self, rules: &PoolRules) {
        let own = self.settings.pool;
        let policy = PoolPolicy {
            least: rules.least.unwrap_or(own.least),
            most: rules.most.unwrap_or(own.most),
            pause: rules
                .pause_ms
                .map_or(own.pause, |pause| Duration::from_millis(pause.into())),
            sessions: own.sessions,
        };
        let before = std::mem::replace(
            &mut *self.pool_policy.lock().unwrap_or_else(PoisonError::into_inner),
            policy,
        );
        if before != policy {
            self.pool_moved.notify_one();
        }
    }

    /// Waits until nothing else is done for this subject, in the order of asking, then for a free slot.
    pub(crate) async fn turn(&self, subject: &Subject) -> Turn<'_> {
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            queues.retain(|_, queue| queue.strong_count() > 0);
            match queues.get(subject).and_then(Weak::upgrade) {
                Some(queue) => queue,
                None => {
                    let queue = Arc::default();
                    queues.insert(subject.clone(), Arc::downgrade(&queue));
                    queue
                }
            }
        };
        let queue = queue.lock_owned().await;
        let slot = match subject {
            // It goes as slowly as whoever takes it; it has places of its own.
            Subject::Download(_) => None,
            // Nothing closes this semaphore.
            _ => self.slots.acquire().await.ok(),
        };
        Turn {
            _queue: queue,
            _slot: slot,
        }
    }

    /// A connection to a tenant's database for one short piece of work.
    pub(crate) async fn connect(&self, database: &Identifier) -> Result<PgConnection, NodeError> {
        self.settings.cluster.connect(database).await
    }

    /// Runs work on files off the async threads.
    pub(crate) async fn blocking<T: Send + 'static, E: From<NodeError> + Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(_) => Err(NodeError::Record {
                what: "a piece of work on files".to_owned(),
            }
            .into()),
        }
    }

    /// Who carries tenants to and from other nodes.
    ///
    /// # Errors
    /// [`Code::TransferBroken`] for a node without a server.
    pub(crate) fn carrier(&self) -> Result<&dyn Carrier, StepFailure> {
        let carrier = self.carrier.get().map(AsRef::as_ref);
        carrier.ok_or_else(|| transfer::broken("This node has no server that could carry it.", None))
    }

    /// The tenant's database, which must be the one that the order names.
    ///
    /// # Errors
    /// [`Code::TenantUnknown`] when the node has no such tenant, or under another name.
    pub(crate) async fn tenant(
        &self,
        tenant: TenantId,
        database: &DatabaseName,
    ) -> Result<Managed, StepFailure> {
        let found = managed::of_subject(&self.journal.pool, &Subject::Tenant(tenant)).await?;
        let Some(found) = found else {
            let detail = format!("This node has no tenant {tenant}.");
            return Err(StepFailure::new(Code::TenantUnknown, detail));
        };
        let wanted = Identifier::from(database);
        if found.former.as_ref().unwrap_or(&found.name) != &wanted {
            let detail = format!("Tenant {tenant} lives in {} here, not in {database}.", found.name);
            return Err(StepFailure::new(Code::TenantUnknown, detail));
        }
        Ok(found)
    }
}

/// The right to work on a subject; given back when dropped.
pub(crate) struct Turn<'a> {
    _queue: OwnedMutexGuard<()>,
    _slot: Option<tokio::sync::SemaphorePermit<'a>>,
}
